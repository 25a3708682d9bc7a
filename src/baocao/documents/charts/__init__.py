"""Pictures of the report, drawn from plain data: the same specification gives the same bytes everywhere."""
