"""Long work that was started from the desk: how far it is, and how it ended."""
