"""The nouns of the domain. Plain data, no I/O."""
