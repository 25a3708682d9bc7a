"""A reporting period: opening it, exceptions to its deadlines, figures from before."""
