"""The consolidated Excel report: one module a kind of sheet."""
