"""Kinds of rules: what the engine can check. Which of them a regime has, under which id, how severe and on
what legal basis, its pack says (`rules`).

A structural kind is about a workbook or a report as such (can it be read, is it complete, whose is it): it always runs,
under the neutral words here unless the pack has better ones. Every other kind runs only where a pack declares it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from baocao.model.submission import Severity


class Stage(StrEnum):
    """When a rule is looked at; a finding of an earlier stage silences the echoes of the later ones."""

    CELL = "cell"
    FORM = "form"
    HISTORY = "history"
    TIME = "time"
    ROLLUP = "rollup"
    CALENDAR = "calendar"


STAGE_NAMES = {
    Stage.CELL: "Từng ô",
    Stage.FORM: "Giữa các ô, các biểu",
    Stage.HISTORY: "So với kỳ trước",
    Stage.TIME: "Đầy đủ, thời hạn",
    Stage.ROLLUP: "Khi tổng hợp",
    Stage.CALENDAR: "Khi lập lịch",
}

AT_SUBMISSION = frozenset({Stage.CELL, Stage.FORM, Stage.HISTORY, Stage.TIME})
"""Stages that look at one unit's workbook."""


class RuleKind(StrEnum):
    """What kinds of rules there are; a pack's rule is of one kind and brings id, title, basis and severity."""

    RELATION = "relation"
    """the relations of the pack that name the rule, and nothing else"""
    VALUE_TYPE = "value_type"
    NUMBER_FORMAT = "number_format"
    ANSWERED = "answered"
    NO_PERSONAL_DATA = "no_personal_data"
    LEGIBLE_TEXT = "legible_text"
    CLOSING_STOCK = "closing_stock"
    PART_OF_WHOLE = "part_of_whole"
    NOTHING_OF_NOTHING = "nothing_of_nothing"
    TOTAL = "total"
    RATIO = "ratio"
    MONEY_AND_ACTIVITY = "money_and_activity"
    LIST_ROWS = "list_rows"
    LIST_TOTAL = "list_total"
    MONEY_UNIT = "money_unit"
    OPENING_STOCK = "opening_stock"
    CUMULATIVE_YEAR = "cumulative_year"
    WHOLE_NOT_BELOW_PART = "whole_not_below_part"
    CUMULATIVE_TERM = "cumulative_term"
    LARGE_CHANGE = "large_change"
    COPIED_REPORT = "copied_report"
    DECISION_NEEDED = "decision_needed"
    INSPECTION_REGISTER = "inspection_register"
    TERM_TOTAL = "term_total"
    UNIT_IDENTITY = "unit_identity"
    PERIOD_AND_VERSION = "period_and_version"
    COMPLETE = "complete"
    SIGNATURE = "signature"
    LATE = "late"
    NOT_AFTER_CUTOFF = "not_after_cutoff"
    DEADLINE_AFTER_CUTOFF = "deadline_after_cutoff"
    TEXT_AND_TABLES = "text_and_tables"
    SUM_OF_UNITS = "sum_of_units"
    SHARE_OF_ALL_UNITS = "share_of_all_units"
    RATIO_OF_SUMS = "ratio_of_sums"
    TWO_LEVELS = "two_levels"
    TARGET_OPERATOR = "target_operator"
    RECIPIENTS = "recipients"
    SEALED = "sealed"


@dataclass(frozen=True, slots=True)
class KindFacts:
    """What is true of a kind in every regime."""

    title: str
    """Vietnamese; of a relation the pack's own title stands instead."""
    stage: Stage
    severity: Severity
    """Unless the pack says another; a relation or a note in the workbook may soften it further."""
    enforced: str
    """The module that does it."""
    softened: str = ""
    """When the other severity applies."""
    gate: bool = False
    """Compiled a second time, independently, into the gate's expectations."""
    structural_id: str = ""
    """Of a structural kind: its id where the pack gives it no other."""
    fixed: bool = False
    """Its severity is no pack's to choose: the workbook cannot be kept, or the report cannot go out, otherwise."""
    without: str = ""
    """Why a pack can give it nothing to look at."""

    @property
    def at_submission(self) -> bool:
        return self.stage in AT_SUBMISSION

    @property
    def of_cells(self) -> bool:
        """It looks at what was answered in the cells of the forms."""
        return self.stage in {Stage.CELL, Stage.FORM, Stage.HISTORY}

    @property
    def of_the_workbook(self) -> bool:
        """It looks at the file, the information sheet and the time of arrival, at no cell of a form."""
        return self.stage is Stage.TIME and not self.gate


_E, _W = Severity.BLOCKS, Severity.EXPLAIN
_MOVEMENT = "các biểu không có bảng biến động (đầu kỳ, tăng, giảm, cuối kỳ)"
_PARTS = "các biểu không có cột tử số, mẫu số"

KINDS: dict[RuleKind, KindFacts] = {
    RuleKind.RELATION: KindFacts(
        "Quan hệ giữa các ô do gói chế độ khai", Stage.FORM, _E, "checks.rules.relations", gate=True,
        without="các biểu không có mối quan hệ nào thuộc quy tắc này",
    ),
    # --- từng ô -------------------------------------------------------------------------------------------------
    RuleKind.VALUE_TYPE: KindFacts(
        "Số đếm và tiền là số nguyên không âm, diện tích là số không âm; ngày và lựa chọn đúng kiểu; ô không mang lỗi "
        "công thức", Stage.CELL, _E, "checks.rules.answers", gate=True, structural_id="V01",
    ),
    RuleKind.NUMBER_FORMAT: KindFacts(
        "Số viết theo kiểu Việt Nam: dấu chấm ngăn hàng nghìn, dấu phẩy ngăn phần lẻ; không nhận cách viết có thể hiểu "
        "hai nghĩa", Stage.CELL, _E, "checks.rules.answers", gate=True, structural_id="V02",
    ),
    RuleKind.ANSWERED: KindFacts(
        "Ô trống không phải là số 0: điền số, 0 hoặc NP; khai không phát sinh phải có lý do; dòng đã điền thì điền đủ",
        Stage.CELL, _E, "checks.rules.answers", gate=True, structural_id="V03",
    ),
    RuleKind.NO_PERSONAL_DATA: KindFacts(
        "Phần chữ không chứa số giấy tờ tùy thân, số điện thoại, họ tên cá nhân", Stage.CELL, _E,
        "checks.texts.privacy", "họ tên: giải trình", gate=True, structural_id="V07",
    ),
    RuleKind.LEGIBLE_TEXT: KindFacts(
        "Phần chữ là chữ Việt Unicode đọc được: không phải bảng mã cũ (TCVN3, VNI, VIQR) hay phím gõ chưa thành chữ "
        "(Telex, VNI), không vỡ chữ, không mất dấu thành dấu hỏi", Stage.CELL, _E, "checks.texts.legible",
        structural_id="V08",
    ),
    # --- giữa các ô ---------------------------------------------------------------------------------------------
    RuleKind.CLOSING_STOCK: KindFacts(
        "Cuối kỳ = đầu kỳ + tăng - giảm, và không âm", Stage.FORM, _E, "checks.rules.derived", gate=True,
        without=_MOVEMENT,
    ),
    RuleKind.PART_OF_WHOLE: KindFacts(
        "Tử số không lớn hơn mẫu số", Stage.FORM, _E, "checks.rules.ratios", gate=True, without=_PARTS
    ),
    RuleKind.NOTHING_OF_NOTHING: KindFacts(
        "Mẫu số bằng 0 thì tử số bằng 0", Stage.FORM, _E, "checks.rules.ratios", gate=True, without=_PARTS
    ),
    RuleKind.TOTAL: KindFacts(
        "Dòng, cột tổng bằng tổng các phần của nó", Stage.FORM, _E, "checks.rules.derived", gate=True,
        without="các biểu không có dòng, cột tổng được tính",
    ),
    RuleKind.RATIO: KindFacts(
        "Tỷ lệ bằng đúng tử số chia mẫu số", Stage.FORM, _E, "checks.rules.derived", gate=True,
        without="các biểu không có tỷ lệ được tính",
    ),
    RuleKind.MONEY_AND_ACTIVITY: KindFacts(
        "Có hoạt động thì có tiền, có giải ngân thì có hoạt động, trong cùng một dự án", Stage.FORM, _W,
        "checks.rules.plausible", without="không dự án nào có cả ô hoạt động và ô giải ngân",
    ),
    RuleKind.LIST_ROWS: KindFacts(
        "Danh sách: không có hai dòng cho một trường hợp; ngày không trước ngày đầu kỳ", Stage.FORM, _E,
        "checks.rules.lists", structural_id="V64", without="các biểu không có danh sách",
    ),
    RuleKind.LIST_TOTAL: KindFacts(
        "Số ở biểu bằng số dòng, hoặc tổng, của danh sách làm căn cứ cho nó", Stage.FORM, _E, "checks.rules.lists",
        gate=True, structural_id="V65", without="không ô nào lấy số từ danh sách",
    ),
    # --- so với kỳ trước ----------------------------------------------------------------------------------------
    RuleKind.MONEY_UNIT: KindFacts(
        "Số tiền không lệch cỡ nghìn lần, triệu lần so với kế hoạch, kỳ trước, các đơn vị cùng loại hoặc mức có thể có "
        "của biểu (nhầm đồng với nghìn đồng, triệu đồng)", Stage.HISTORY, _W, "checks.rules.money",
        without="các biểu không có ô tiền",
    ),
    RuleKind.OPENING_STOCK: KindFacts(
        "Đầu kỳ bằng cuối kỳ của báo cáo trước (báo cáo cả năm: bằng đầu kỳ của báo cáo đầu tiên trong năm)",
        Stage.HISTORY, _E, "checks.rules.past", without=_MOVEMENT,
    ),
    RuleKind.CUMULATIVE_YEAR: KindFacts(
        "Lũy kế năm không giảm trong năm; bằng lũy kế trước cộng số trong kỳ", Stage.HISTORY, _E, "checks.rules.past",
        without="các biểu không có cột lũy kế năm",
    ),
    RuleKind.WHOLE_NOT_BELOW_PART: KindFacts(
        "Số của báo cáo cả thời gian không nhỏ hơn số đã báo cáo cho một phần của thời gian đó", Stage.HISTORY, _E,
        "checks.rules.past",
        without="không có báo cáo năm, giữa kỳ hoặc cuối kỳ nào đứng sau một báo cáo khác của cùng thời gian",
    ),
    RuleKind.CUMULATIVE_TERM: KindFacts(
        "Lũy kế giai đoạn không bao giờ giảm", Stage.HISTORY, _E, "checks.rules.past",
        without="các biểu không có cột lũy kế giai đoạn",
    ),
    RuleKind.LARGE_CHANGE: KindFacts(
        "Biến động lớn so với cùng kỳ năm trước", Stage.HISTORY, _W, "checks.rules.unusual"
    ),
    RuleKind.COPIED_REPORT: KindFacts(
        "Số liệu giống hệt kỳ trước (chép lại)", Stage.HISTORY, _W, "checks.rules.unusual",
        without="biểu của mỗi đơn vị có ít hơn 10 số phát sinh, trùng nhau chưa nói lên điều gì",
    ),
    RuleKind.DECISION_NEEDED: KindFacts(
        "Câu trả lời đổi bằng một quyết định thì phải có số, ngày của quyết định đó", Stage.HISTORY, _E,
        "checks.rules.decisions", without="không có câu trả lời nào đổi bằng quyết định (khóa decided_by)",
    ),
    RuleKind.INSPECTION_REGISTER: KindFacts(
        "Số cuộc kiểm tra khớp với sổ theo dõi kiểm tra", Stage.HISTORY, _W, "checks.rules.register",
        without="chế độ không có sổ theo dõi kiểm tra (khóa inspections)",
    ),
    RuleKind.TERM_TOTAL: KindFacts(
        "Số cả giai đoạn (giữa kỳ, cuối kỳ) không nhỏ hơn tổng các báo cáo đã được nhận trong giai đoạn, bằng lũy kế "
        "giai đoạn, không lớn hơn số ước đến cuối giai đoạn", Stage.HISTORY, _E, "checks.rules.term",
        "phần phát sinh thêm khác xa nhịp bình quân: giải trình", without="chế độ không có báo cáo giữa kỳ, cuối kỳ",
    ),
    # --- đầy đủ, thời hạn ---------------------------------------------------------------------------------------
    RuleKind.UNIT_IDENTITY: KindFacts(
        "Mã đơn vị có thật, còn hiệu lực ngày chốt số liệu; tên khớp với mã", Stage.TIME, _E, "checks.rules.identity",
        structural_id="V04", fixed=True,
    ),
    RuleKind.PERIOD_AND_VERSION: KindFacts(
        "Kỳ báo cáo đang mở; biểu mẫu đúng phiên bản đang áp dụng cho kỳ", Stage.TIME, _E, "checks.rules.identity",
        structural_id="V05", fixed=True,
    ),
    RuleKind.COMPLETE: KindFacts(
        "Mọi biểu được giao đều có mặt, đủ dòng đủ cột, hoặc khai không phát sinh", Stage.TIME, _E,
        "checks.rules.answers", gate=True, structural_id="V41", fixed=True,
    ),
    RuleKind.SIGNATURE: KindFacts(
        "Có họ tên, chức vụ người ký, không phải chỗ trống; TM., KT. phù hợp với chức vụ; số, ngày báo cáo của đơn vị "
        "nếu ghi thì đúng dạng", Stage.TIME, _E, "checks.texts.signatories", "giống tên mẫu: giải trình",
        structural_id="V42",
    ),
    RuleKind.LATE: KindFacts(
        "Nộp sau hạn: ghi «trễ hạn», vẫn nhận", Stage.TIME, _W, "checks.rules.identity", structural_id="V43",
        fixed=True,
    ),
    RuleKind.NOT_AFTER_CUTOFF: KindFacts(
        "Không tính việc xảy ra sau ngày chốt số liệu", Stage.TIME, _E, "checks.rules.decisions", gate=True,
        structural_id="V44", without="các biểu không có ô ngày",
    ),
    RuleKind.DEADLINE_AFTER_CUTOFF: KindFacts(
        "Từ ngày chốt số liệu đến mỗi hạn nộp có ít nhất một ngày làm việc", Stage.CALENDAR, _E, "calendar.periods",
        structural_id="V45", fixed=True,
    ),
    # --- khi tổng hợp -------------------------------------------------------------------------------------------
    RuleKind.TEXT_AND_TABLES: KindFacts(
        "Số trong lời văn bằng số trong bảng", Stage.ROLLUP, _E, "documents", structural_id="V51", fixed=True
    ),
    RuleKind.SUM_OF_UNITS: KindFacts(
        "Số tổng hợp = tổng các đơn vị được nhận + phần cơ quan chủ trì nhập; nêu tên đơn vị thiếu, không ước thay",
        Stage.ROLLUP, _E, "consolidation", structural_id="V52", fixed=True,
    ),
    RuleKind.SHARE_OF_ALL_UNITS: KindFacts(
        "Mẫu số của tỷ lệ số đơn vị là số đơn vị có hiệu lực ngày chốt, không phải số đã nhận", Stage.ROLLUP, _E,
        "consolidation", structural_id="V53", fixed=True,
    ),
    RuleKind.RATIO_OF_SUMS: KindFacts(
        "Tỷ lệ = tổng tử số / tổng mẫu số, không lấy trung bình các tỷ lệ", Stage.ROLLUP, _E, "consolidation",
        structural_id="V54", fixed=True,
    ),
    RuleKind.TWO_LEVELS: KindFacts(
        "Số cộng từ cơ sở khác số cơ quan chủ trì thì phải giải trình (việc phối hợp, tính trùng)", Stage.ROLLUP, _W,
        "consolidation", structural_id="V55", fixed=True,
    ),
    RuleKind.TARGET_OPERATOR: KindFacts(
        "So mục tiêu đúng dấu: 70,00 % không đạt «trên 70 %», 50,00 % đạt «ít nhất 50 %»", Stage.ROLLUP, _E,
        "consolidation", structural_id="V56", fixed=True,
    ),
    RuleKind.RECIPIENTS: KindFacts(
        "Nơi nhận đúng theo loại báo cáo", Stage.ROLLUP, _W, "workflow", structural_id="V57", fixed=True
    ),
    RuleKind.SEALED: KindFacts(
        "Bản đã gửi không sửa được; đính chính là một bản mới", Stage.ROLLUP, _E, "workflow", structural_id="V58",
        fixed=True,
    ),
}  # fmt: skip
