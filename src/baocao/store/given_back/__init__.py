"""Accepted submissions that were taken out of force again: returned by the office, or withdrawn."""
