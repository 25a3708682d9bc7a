"""Whether the records say what was written down when things happened: rows against events, files against names."""
