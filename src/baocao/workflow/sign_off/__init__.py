"""What the two deciders do, and what stands between a signature and the letter that carries it."""
