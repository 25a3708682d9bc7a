"""Who is reminded when, and of what; each step at most once."""
