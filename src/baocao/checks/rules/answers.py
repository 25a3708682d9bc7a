"""What was answered, cell by cell: readable, given, and the forms complete."""

from __future__ import annotations

import re
from itertools import groupby

from baocao.checks.cell_specs import SILENT_ROLES, CellSpec, is_money_table
from baocao.checks.reading import Reading
from baocao.checks.rules import unread
from baocao.checks.texts.number_words import advice_for, zero_or_nil
from baocao.checks.texts.suggestions import likely_number
from baocao.model.form import ColumnRole, Form, ValueType
from baocao.model.pack_parts.rule_kinds import RuleKind
from baocao.model.submission import Answer, Cell, Problem, StructureProblem
from baocao.text import capitalised, fold

_KIND = {
    ValueType.COUNT: "một số nguyên từ 0 trở lên",
    ValueType.MONEY: "số tiền bằng đồng, là số nguyên từ 0 trở lên",
    ValueType.DECIMAL: "một số từ 0 trở lên (phần lẻ viết sau dấu phẩy)",
    ValueType.DATE: "một ngày dạng ngày/tháng/năm",
    ValueType.BOOL: "Có hoặc Không",
}


_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ONE_COMMA = re.compile(r"[0-9]{1,3},[0-9]{3}")
_WITH_POINT = re.compile(r"-?[0-9]+\.[0-9]+")


def check_answers(reading: Reading) -> None:
    """Fill `reading.figures` and report what is unreadable, blank or contradictory."""
    structure = _Structure(reading)
    for form, specs in reading.layout.entered:
        if form.code in structure.missing_forms:
            continue
        _check_form(reading, structure, form, specs)


_BLANK_AGAIN = (
    "Nếu tệp còn mở, hãy bấm Hoàn tác (Ctrl+Z); nếu không, hãy lấy lại tệp mẫu của kỳ này và chép số liệu sang bằng "
    "«Dán giá trị». Không xóa dòng, cột và không sửa mã."
)
STRUCTURE = {
    "missing_codes": "Trang «{sheet}» còn trong tệp nhưng dòng mã ẩn của biểu (dòng {row}, ngay dưới dòng đánh số cột) "
    "đã bị xóa nên không đọc được ô nào của trang. " + _BLANK_AGAIN,
    "missing_row": "Trang «{sheet}» thiếu dòng mã {name}. " + _BLANK_AGAIN,
    "missing_column": "Trang «{sheet}» thiếu cột mã {name}. " + _BLANK_AGAIN,
    "missing_table": "Trang «{sheet}» mất dòng mã ẩn của bảng {name} (đúng ra ở dòng {row}) nên không đọc được bảng "
    "này. " + _BLANK_AGAIN,
    "missing_list": "Danh sách «{detail}» không có trong tệp, hoặc dòng mã ẩn của nó đã bị xóa nên không đọc được dòng "
    "nào. " + _BLANK_AGAIN,
    "duplicate_row": "Mã dòng {name} đứng hai lần trên trang «{sheet}». Hãy xóa dòng thừa, giữ dòng của tệp mẫu.",
    "duplicate_column": "Mã cột {name} đứng hai lần trên trang «{sheet}». Hãy xóa cột thừa, giữ cột của tệp mẫu.",
    "duplicate_sheet": "Biểu «{form}» có nhiều bản trong tệp: {name}. Hãy giữ một bản đúng và xóa các bản kia (bấm "
    "chuột phải vào tên trang, chọn Xóa; Delete); hệ thống không chọn thay đơn vị.",
    "duplicate_table": "Bảng {name} của biểu này đứng hai lần trên trang «{sheet}». Hãy xóa bản thừa.",
    "row_without_code": "Dòng này trên trang «{sheet}» có số liệu nhưng không có mã nên không đọc được. Hãy chuyển số "
    "liệu vào các dòng của tệp mẫu rồi xóa dòng này.",
}


class _Structure:
    """Missing sheets, tables, rows and columns, codes that stand twice, rows without a code, reported once each."""

    def __init__(self, reading: Reading) -> None:
        self.missing_forms: set[str] = set()
        self._missing: set[tuple[str, str, str]] = set()
        """(form, `row` | `column` | `table`, code)"""
        codes = {form.code for form in reading.layout.forms}
        # Forms that this unit does not fill are passed over: it may keep a copied sheet of another's.
        for problem in reading.workbook.problems:
            if problem.form in codes:
                self._take(reading, problem)

    def lacks(self, spec: CellSpec) -> bool:
        """Whether the place of the cell is not in the workbook at all: reported already."""
        if not self._missing:
            return False
        form, row, column = spec.key
        return not self._missing.isdisjoint(
            {(form, "row", row), (form, "column", column), (form, "table", spec.table.code)}
        )

    def _take(self, reading: Reading, problem: StructureProblem) -> None:
        """Report one problem of the structure of the workbook, and keep which forms, rows and columns are missing."""
        if problem.kind in unread.TEXTS:
            unread.report(reading, problem)
            return
        form = reading.layout.pack.form(problem.form)
        if problem.kind == "missing_sheet":
            self.missing_forms.add(form.code)
            _answer_by_nil_or_report_missing(reading, form, gone=True, unclaimed=problem.detail)
            return
        if problem.kind == "missing_codes":
            self.missing_forms.add(form.code)
        kind, _, what = problem.kind.partition("_")
        if kind == "missing":
            self._missing.add((form.code, what, problem.name))
        reading.report_whole(
            RuleKind.COMPLETE,
            STRUCTURE[problem.kind].format(
                sheet=problem.sheet or form.short,
                name=problem.name,
                form=form.short,
                row=problem.a1.lstrip(_LETTERS),
                detail=problem.detail,
            ),
            form=form,
            sheet=problem.sheet or ("" if problem.kind == "missing_list" else form.short),
            a1=problem.a1,
            item=form.code if problem.kind in {"missing_codes", "duplicate_sheet"} else problem.name,
            tag=f"{problem.kind}.{problem.name or problem.a1}",
        )


def _answer_by_nil_or_report_missing(reading: Reading, form: Form, *, gone: bool, unclaimed: str = "") -> None:
    """With a sheet in the file that no form claims, a missing one is asked for even where silence means nil: the
    figures may stand there."""
    reason = reading.layout.pack.regime.default_nil.get(form.code)
    # Silence is nil here, and nil counts as 0 in totals and ratios, as if the unit had said so.
    if reason is not None and not unclaimed:
        reading.nil_forms[form.code] = reason
        for spec in reading.layout.specs.values():
            if spec.key.form == form.code and spec.entered and spec.numeric:
                reading.figures[spec.key] = 0
        return
    what = "không có trong tệp" if gone else "chưa điền ô nào"
    how = (
        "Hãy điền biểu này, hoặc chọn lý do ở dòng «Không phát sinh» đầu trang."
        if form.nil_allowed
        else "Hãy điền biểu này."
    )
    if gone:
        how += " Nếu trang đã bị xóa, hãy lấy lại tệp mẫu của kỳ này."
    if unclaimed:
        how += (
            f" Trong tệp có trang {unclaimed} không thuộc biểu nào; nếu đó là trang của biểu này bị đổi tên và mất "
            "dòng mã ẩn, hãy lấy lại tệp mẫu của kỳ này và chép số liệu sang bằng «Dán giá trị»."
            + (f" Nếu biểu này đúng là «{reason}» thì xóa trang lạ đó rồi gửi lại." if reason is not None else "")
        )
    reading.report_whole(
        RuleKind.COMPLETE,
        f"Biểu «{form.short}» {what}. {how}",
        form=form,
        sheet="" if gone else form.short,
    )


def _check_form(reading: Reading, structure: _Structure, form: Form, specs: tuple[CellSpec, ...]) -> None:
    """Take the figures of a form into `reading.figures`, and report what is unreadable or not answered."""
    declared = reading.workbook.nil_forms.get(form.code)
    if declared is not None:
        reading.nil_forms[form.code] = declared
        _check_nil_declaration(reading, form, specs, declared)
    cells = reading.workbook.cells
    figures = reading.figures
    blanks: list[CellSpec] = []
    answered, begun = False, set[tuple[str, str]]()
    # Local names: looked up once, not for each of some 1,400 cells.
    value, nil, invalid = Answer.VALUE, Answer.NIL, Answer.INVALID
    for spec in specs:
        cell = cells.get(spec.key)
        answer = cell.answer if cell is not None else Answer.BLANK
        if answer is value:
            if spec.numeric:
                figures[spec.key] = cell.value  # type: ignore[union-attr, assignment]
            answered = answered or spec.column.role not in SILENT_ROLES
        elif answer is nil:
            if spec.numeric:
                figures[spec.key] = 0
            answered = True
        elif answer is invalid:
            assert cell is not None
            report_problem(reading, spec, cell)
            answered = True
        elif declared is not None:
            if spec.numeric:
                figures[spec.key] = 0
        else:
            blanks.append(spec)
            continue
        if spec.optional:
            begun.add(spec.key[:2])
    # Who declares the form nil leaves it blank.
    if not blanks or declared is not None:
        return
    required = [s for s in blanks if s.required and not structure.lacks(s)]
    if not answered:
        # A form is answered or declared nil, also one whose rows may each stay empty.
        if required or any(s.optional and not structure.lacks(s) for s in blanks):
            _answer_by_nil_or_report_missing(reading, form, gone=False)
        return
    for spec in required:
        _report_blank(reading, spec)
    _check_partly_filled_rows(reading, [s for s in blanks if s.optional and s.key[:2] in begun])


def _report_blank(reading: Reading, spec: CellSpec) -> None:
    if spec.numeric:
        how = f"Hãy nhập số. {capitalised(zero_or_nil(spec, reading.period))}."
    elif spec.type is ValueType.TEXT:
        how = "Hãy viết nội dung; không có thì nhập NP."
    else:
        how = f"Hãy nhập {wanted_of(spec)}; không thuộc phạm vi thì nhập NP."
    reading.report(
        RuleKind.ANSWERED, spec, f"Ô «{spec.column.title}» còn trống. {how}", expected=wanted_of(spec), actual="(trống)"
    )


def wanted_of(spec: CellSpec) -> str:
    """What a cell takes, as the end of a sentence."""
    if spec.type is ValueType.CHOICE:
        return "một trong: " + "; ".join(spec.row.options)
    return _KIND.get(spec.type, "nội dung bằng chữ")


def _check_partly_filled_rows(reading: Reading, blanks: list[CellSpec]) -> None:
    """An optional row is all or nothing: plan, allocation and payments belong together. `blanks`: those of the rows in
    which something is answered."""
    for _, of_row in groupby(blanks, key=lambda spec: spec.key[:2]):
        cells = list(of_row)
        open_ = [s for s in cells if not s.column.role.is_plan or is_money_table(s.table)]
        if not open_:
            continue
        first = open_[0]
        titles = ", ".join(f"«{_heading(s)}»" for s in open_)
        reading.report(
            RuleKind.ANSWERED,
            first,
            f"Dòng này mới điền một phần, còn trống: {titles}. Hãy điền đủ (0 nếu không có, NP nếu không thuộc phạm "
            "vi) hoặc để trống cả dòng.",
            expected=wanted_of(first),
            actual="(trống)",
            cells=[s.key for s in open_],
        )


def _heading(spec: CellSpec) -> str:
    return f"{spec.column.group}, {spec.column.title}" if spec.column.group else spec.column.title


def _check_nil_declaration(reading: Reading, form: Form, specs: tuple[CellSpec, ...], declared: str) -> None:
    """A form declared nil as a whole: allowed, with a known reason, and without figures beside it."""
    sheet, a1 = reading.workbook.nil_places.get(form.code, (form.short, ""))
    if not form.nil_allowed:
        reading.report_whole(
            RuleKind.ANSWERED,
            f"Biểu «{form.short}» không được khai không phát sinh. Hãy bỏ khai báo và điền biểu này.",
            form=form,
            sheet=sheet,
            a1=a1,
            actual=declared,
        )
        return
    if fold(declared) not in {fold(reason) for reason in form.nil_reasons}:
        reading.report_whole(
            RuleKind.ANSWERED,
            f"Lý do «{declared}» không có trong danh sách. Hãy chọn một lý do có sẵn ở dòng «Không phát sinh».",
            form=form,
            sheet=sheet,
            a1=a1,
            expected="; ".join(form.nil_reasons),
            actual=declared,
        )
        return
    filled = [s for s in specs if _says_something(reading.cell(s.key), s)]
    if filled:
        places = ", ".join(c.a1 for s in filled[:5] if (c := reading.cell(s.key)) is not None)
        reading.report(
            RuleKind.ANSWERED,
            filled[0],
            f"Biểu «{form.short}» đã khai «{declared}» nhưng vẫn có số liệu ({len(filled)} ô: {places}). Hãy xóa số "
            "liệu, hoặc bỏ khai báo không phát sinh.",
            expected="(trống)",
            actual=reading.workbook.cells[filled[0].key].raw,
            cells=[s.key for s in filled],
        )


def _says_something(cell: Cell | None, spec: CellSpec) -> bool:
    if cell is None or cell.answer is not Answer.VALUE or spec.column.role is ColumnRole.EXPLANATION:
        return False
    # A 0 beside a nil declaration does not contradict it.
    return bool(cell.value)


def report_problem(reading: Reading, spec: CellSpec, cell: Cell) -> None:
    """Report what the reader could not make a value of, at the cell, with the cure."""
    raw, problem = cell.raw, cell.problem
    # Told once for the whole merged area, as a fault of the sheet.
    if problem is Problem.MERGED:
        return
    if _WITH_POINT.fullmatch(raw) and problem in {Problem.NOT_WHOLE, Problem.NEGATIVE}:
        raw = raw.replace(".", ",")  # a stored number, shown as it is written here
    wanted = wanted_of(spec)
    likely = likely_number(raw, spec.type) if spec.numeric and problem is Problem.AMBIGUOUS_NUMBER else None
    suggestion: object = "" if likely is None else likely
    tail = "" if likely is None else " Nếu đúng là số ở mục gợi ý thì nhập lại như gợi ý."
    if problem is Problem.ERROR_VALUE:
        rule, message = (
            RuleKind.VALUE_TYPE,
            f"Ô này báo lỗi {raw} vì công thức hỏng. Hãy xóa công thức và nhập {wanted}.",
        )
    elif problem is Problem.FORMULA_WITHOUT_VALUE:
        rule = RuleKind.VALUE_TYPE
        message = (
            "Ô này có công thức nhưng tệp không lưu kết quả. Hãy mở tệp bằng Excel/LibreOffice rồi lưu lại, hoặc nhập "
            "thẳng số."
        )
    elif problem is Problem.AMBIGUOUS_NUMBER and spec.type is ValueType.DECIMAL and _ONE_COMMA.fullmatch(raw):
        whole = raw.replace(",", "")
        rule = RuleKind.NUMBER_FORMAT
        message = (
            f"«{raw}» có thể hiểu hai nghĩa. Nếu là số nguyên thì gõ {whole}; nếu dấu phẩy ngăn phần lẻ thì gõ {raw}0."
        )
    elif problem is Problem.AMBIGUOUS_NUMBER:
        rule = RuleKind.NUMBER_FORMAT
        message = (
            f"«{raw}» có thể hiểu hai nghĩa. Hãy nhập lại: dấu chấm ngăn hàng nghìn, dấu phẩy ngăn phần lẻ (một nghìn "
            f"hai trăm ba mươi tư viết 1234 hoặc 1.234).{tail}"
        )
    elif problem is Problem.NOT_A_NUMBER:
        advice = advice_for(raw, spec, reading.period, wanted)
        rule, message, suggestion = RuleKind.NUMBER_FORMAT, advice.message, advice.suggestion
    elif problem is Problem.NOT_WHOLE:
        rule, message = RuleKind.VALUE_TYPE, f"«{raw}» có phần lẻ. Hãy nhập {wanted}."
    elif problem is Problem.NEGATIVE:
        rule, message = RuleKind.VALUE_TYPE, f"«{raw}» là số âm. Hãy nhập {wanted}."
    elif problem is Problem.NOT_A_DATE:
        rule, message = RuleKind.VALUE_TYPE, f"«{raw}» không phải là ngày. Hãy nhập ngày/tháng/năm, ví dụ 05/06/2026."
    else:
        rule, message = RuleKind.VALUE_TYPE, f"«{raw}» không có trong danh sách. Hãy chọn {wanted}."
    reading.report(rule, spec, message, expected=wanted, actual=raw, suggestion=suggestion)
