"""A draft of a form definition from an official workbook, with every doubt marked."""
