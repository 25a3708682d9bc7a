"""Letters that go out, messages that come in, and what came back."""
