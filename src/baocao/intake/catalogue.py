"""Every refusal with its sentence, as one table: `docs/workbook.md` prints it and a test holds the two together."""

from __future__ import annotations

from collections.abc import Iterator

from baocao.forms.reading.child import DIED
from baocao.forms.reading.raw import BROKEN
from baocao.intake import identify, refusals
from baocao.model.submission import Screening
from baocao.xlsx.limits import DEFAULT, MEGABYTE


def sentences() -> Iterator[tuple[Screening, str, str]]:
    """(reason, when, sentence with `{}` where a detail is filled in)."""
    yield Screening.EMPTY, "no bytes, or nothing but zeros and blanks", refusals.EMPTY
    yield Screening.TOO_LARGE, f"over {DEFAULT.file_bytes // MEGABYTE} MB", refusals.TOO_LARGE
    for kind, sentence in refusals.WRONG_TYPE.items():
        yield Screening.NOT_XLSX, f"content is: {kind}", sentence
    yield Screening.ENCRYPTED, "password, in the workbook or in the zip", refusals.ENCRYPTED
    yield Screening.MALWARE, "found by the virus scanner, where the office has one", refusals.MALWARE
    yield Screening.MACROS, "macros, macro sheets, ActiveX, embedded objects", refusals.MACROS
    yield Screening.EXTERNAL_LINKS, "external links, connections, queries, remote pictures", refusals.EXTERNAL_LINKS
    yield Screening.EXTERNAL_LINKS, "a formula that fetches from outside the file", refusals.OUTSIDE_FORMULA
    yield Screening.EXTERNAL_LINKS, "a defined name that does", refusals.OUTSIDE_NAME
    yield Screening.DTD, "a document type declaration in any part", refusals.DTD
    yield (
        Screening.ZIP_LIMITS,
        f"over {DEFAULT.entries} parts, {DEFAULT.part_bytes // MEGABYTE} MB a part, "
        f"{DEFAULT.total_bytes // MEGABYTE} MB in all, packed over {DEFAULT.ratio} times, overlapping or lying sizes",
        refusals.ZIP_LIMITS,
    )
    yield Screening.TOO_MANY_SHEETS, f"over {DEFAULT.sheets} sheets", refusals.TOO_MANY_SHEETS
    yield (
        Screening.DIMENSION,
        f"over {DEFAULT.rows} rows or {DEFAULT.cells} cells in a sheet, filled cells or merges too far apart",
        refusals.FAR_CELLS,
    )
    yield (
        Screening.DIMENSION,
        f"over {DEFAULT.styles} styles or {DEFAULT.names} names",
        refusals.HEAVY,
    )
    yield Screening.UNREADABLE, "damaged, cut off, not well-formed XML", BROKEN
    yield Screening.READER_DIED, "the reader's process died, ran out of memory or of computing time", DIED
    yield Screening.NO_META, "no `_meta`", identify.NO_META
    yield Screening.NO_META, "another layout version", identify.OTHER_LAYOUT
    yield Screening.WRONG_REGIME, "a regime that is not collected here", identify.WRONG_REGIME
    yield Screening.UNKNOWN_UNIT, "unit code not in the regime", identify.UNKNOWN_UNIT
    yield Screening.UNKNOWN_PERIOD, "period code not in the calendar", identify.UNKNOWN_PERIOD
    yield Screening.OTHER_REGIME, "sent by a unit of another regime", identify.OTHER_REGIME


def as_markdown() -> str:
    """The table for the documentation."""
    lines = ["| reason | when | sentence |", "|---|---|---|"]
    lines += [f"| `{reason.value}` | {when} | {sentence} |" for reason, when, sentence in sentences()]
    return "\n".join(lines)
