"""Kinds of rules about one workbook: each module turns what a pack declares into findings."""
