"""The sections of reports that offices have written themselves."""
