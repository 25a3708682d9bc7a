"""A file that has arrived: who sent it, its bytes and its row, and what the anti-virus daemon says."""
