"""The unit's own workbook with a mark on every cell to correct."""
