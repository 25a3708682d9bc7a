"""The Word report, the letters beside it, and the sentences and tables they print."""
