"""The workbook a unit fills: form sheets, guide, information sheet, entry rules, looks."""
