"""What a report says of lists: how many cases of how many units; the cases themselves stand in the workbook."""

from __future__ import annotations

from baocao.documents.report_input import ReportInput
from baocao.documents.word_report.numerals import count
from baocao.model.form import Form


def list_statements(source: ReportInput, form: Form | None) -> list[str]:
    """One sentence a list of the form, in printed order."""
    said = []
    for one in form.lists if form is not None else ():
        name = form.code if form is not None else "", one.code
        rows = [len(found) for a in source.accepted if (found := a.lists.rows.get(name))]
        empty = sum(name in a.lists.nil for a in source.accepted)
        text = f"{count(sum(rows))} trường hợp của {count(len(rows))} đơn vị" if rows else "không có trường hợp nào"
        if rows and empty:
            text += f"; {count(empty)} đơn vị không phát sinh"
        said.append(f"- {one.title}: {text}.")
    return said
