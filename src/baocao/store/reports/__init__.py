"""Consolidated reports: their rows, texts and sources, what people decide about them, and where they were sent."""
