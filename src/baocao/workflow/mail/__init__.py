"""Letters: which context each outcome needs, sending what waits, reminding, corrected addresses."""
