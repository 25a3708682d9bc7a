"""Commands about the province's report: its text, coverage, correction, sources, receipt and the term."""
