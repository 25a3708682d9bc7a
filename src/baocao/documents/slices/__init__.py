"""The workbook of a lead body: its projects' figures, and the sheet it comments on."""
