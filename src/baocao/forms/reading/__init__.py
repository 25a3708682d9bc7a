"""Reading a workbook that came back: cells found by their codes, typed, and what nothing reads."""
