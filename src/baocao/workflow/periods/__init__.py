"""A reporting period: opening it, where it stands, exceptions to its deadlines, figures from before."""
