"""The gate before consolidation: all accepted cells of a period, looked at once more by Great Expectations."""
