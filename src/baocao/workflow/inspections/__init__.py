"""Inspections: the yearly plan, the notice, the inspection, its conclusion."""
