"""A pack examined to the end: every fault and warning of it at once, and what looks at each row of its forms."""
