"""Signed copies of the units' reports: taken in, kept beside the workbook, awaited."""
