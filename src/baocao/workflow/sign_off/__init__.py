"""What the two deciders do: approve, sign, take back; what they must see, and what forbids it."""
