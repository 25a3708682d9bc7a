"""PDF: converted by LibreOffice, compared, and its signatures verified."""
