"""Rows of lists as a table: one row a cell, append-only like the cells of tables."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Integer, String, Table, Text

from baocao.store.tables.base import Id, metadata, one_of

list_cell = Table(
    "list_cell",
    metadata,
    Column("submission_id", Id, ForeignKey("submission.id"), primary_key=True),
    Column("form", String(16), primary_key=True),
    Column("list", String(32), primary_key=True),
    # From 1 as they stand in the workbook; 0 holds the reason why a list has none.
    Column("row_number", Integer, primary_key=True),
    Column("col", String(32), primary_key=True),
    Column("unit", String(32), nullable=False, index=True),
    Column("answer", String(8), nullable=False),
    Column("value", Text),
    Column("sheet", Text, nullable=False),
    Column("a1", String(12), nullable=False),
    CheckConstraint(one_of("answer", "value", "nil"), name="answer"),
    CheckConstraint("(answer = 'value') = (value IS NOT NULL)", name="value"),
    CheckConstraint("row_number >= 0", name="row_number"),
)
