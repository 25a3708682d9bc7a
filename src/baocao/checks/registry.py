"""Every rule V01-V65, once: what it says, how grave it is, where it comes from and who enforces it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from baocao.model.submission import Severity


class Stage(StrEnum):
    """When a rule is looked at; a finding of an earlier stage silences the echoes of the later ones."""

    CELL = "cell"
    FORM = "form"
    CROSS = "cross"
    HISTORY = "history"
    TIME = "time"
    ROLLUP = "rollup"
    CALENDAR = "calendar"


STAGE_NAMES = {
    Stage.CELL: "Từng ô",
    Stage.FORM: "Trong một biểu",
    Stage.CROSS: "Giữa các biểu",
    Stage.HISTORY: "So với kỳ trước",
    Stage.TIME: "Đầy đủ, thời hạn",
    Stage.ROLLUP: "Khi tổng hợp",
    Stage.CALENDAR: "Khi lập lịch",
}

AT_SUBMISSION = frozenset({Stage.CELL, Stage.FORM, Stage.CROSS, Stage.HISTORY, Stage.TIME})
"""Stages that look at one unit's workbook."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `severity` is the default: a relation of the pack or a note in the workbook may soften it."""

    id: str
    severity: Severity
    stage: Stage
    title: str
    """Vietnamese, as printed in docs/rules.md and on the gate's page."""
    anchor: str
    """The provision it follows, or that it is a convention of ours."""
    enforced: str
    """The module that does it."""
    softened: str = ""
    """When the other severity applies."""
    gate: bool = False
    """Compiled a second time, independently, into the gate's expectations."""

    @property
    def at_submission(self) -> bool:
        return self.stage in AT_SUBMISSION


_E, _W = Severity.BLOCKS, Severity.EXPLAIN
_OWN = "Quy ước của hệ thống"
_B04 = "HD 46/HD-BCA-C04, Phụ lục 02 Biểu 04 (bố cục giả định)"
_PL02 = "HD 46/HD-BCA-C04, Phụ lục 02 (bố cục giả định)"
_PL03 = "HD 46/HD-BCA-C04, Phụ lục 03 (bố cục giả định)"
_PL12 = "HD 46/HD-BCA-C04, Phụ lục 01 và 02 (bố cục giả định)"
_CLASS = "QĐ 28/2025/QĐ-TTg"
_CUTOFF = "NĐ 09/2019/NĐ-CP, Điều 12"

RULES: tuple[Rule, ...] = (
    # --- từng ô -------------------------------------------------------------------------------------------------
    Rule("V01", _E, Stage.CELL, "Số đếm và tiền là số nguyên không âm, diện tích là số không âm; ngày và lựa chọn đúng "
         "kiểu; ô không mang lỗi công thức", _OWN, "checks.rules.answers", gate=True),
    Rule("V02", _E, Stage.CELL, "Số viết theo kiểu Việt Nam: dấu chấm ngăn hàng nghìn, dấu phẩy ngăn phần lẻ; không "
         "nhận cách viết có thể hiểu hai nghĩa", _OWN, "checks.rules.answers", gate=True),
    Rule("V03", _E, Stage.CELL, "Ô trống không phải là số 0: điền số, 0 hoặc NP; khai không phát sinh phải có lý do; "
         "dòng đã điền thì điền đủ", _OWN, "checks.rules.answers", gate=True),
    Rule("V04", _E, Stage.TIME, "Mã đơn vị có thật, còn hiệu lực ngày chốt số liệu; tên khớp với mã",
         "Danh mục đơn vị của chế độ", "checks.rules.identity"),
    Rule("V05", _E, Stage.TIME, "Kỳ báo cáo đang mở; biểu mẫu đúng phiên bản đang áp dụng cho kỳ",
         "NĐ 09/2019/NĐ-CP, Điều 8", "checks.rules.identity"),
    Rule("V06", _W, Stage.HISTORY, "Số tiền không lệch cỡ nghìn lần, triệu lần so với kế hoạch, kỳ trước, các đơn vị "
         "cùng loại hoặc mức có thể có của biểu (nhầm đồng với nghìn đồng, triệu đồng)", _PL03, "checks.rules.money"),
    Rule("V07", _E, Stage.CELL, "Phần chữ không chứa số giấy tờ tùy thân, số điện thoại, họ tên cá nhân",
         _OWN + ": chỉ báo cáo số đếm", "checks.texts.privacy", "họ tên: giải trình", gate=True),
    Rule("V08", _E, Stage.CELL, "Phần chữ là chữ Việt Unicode đọc được: không phải bảng mã cũ (TCVN3, VNI, VIQR) hay "
         "phím gõ chưa thành chữ (Telex, VNI), không vỡ chữ, không mất dấu thành dấu hỏi",
         "NĐ 30/2020/NĐ-CP, Phụ lục I (TCVN 6909:2001)",
         "checks.texts.legible"),
    # --- trong một biểu -----------------------------------------------------------------------------------------
    Rule("V11", _E, Stage.FORM, "Cuối kỳ = đầu kỳ + tăng - giảm, và không âm", _B04, "checks.rules.derived", gate=True),
    Rule("V12", _E, Stage.FORM, "Tử số không lớn hơn mẫu số", _PL12, "checks.rules.ratios", gate=True),
    Rule("V13", _E, Stage.FORM, "Mẫu số bằng 0 thì tử số bằng 0", _PL12, "checks.rules.ratios", gate=True),
    Rule("V14", _E, Stage.FORM, "Số «trong đó» không lớn hơn số chung", _PL02, "checks.rules.relations",
         "số chuyển từ kỳ trước sang: giải trình", gate=True),
    Rule("V15", _E, Stage.FORM, "Không có lớp, buổi thì không có lượt người; có lớp, buổi thì lượt người không ít "
         "hơn số lớp, buổi", _PL02, "checks.rules.relations", "ít lượt hơn lớp: giải trình", gate=True),
    Rule("V16", _W, Stage.FORM, "Hồ sơ được duyệt không nhiều hơn hồ sơ lập; số đưa đi không nhiều hơn số được duyệt",
         _B04, "checks.rules.relations", gate=True),
    Rule("V17", _W, Stage.FORM, "Có việc thì có số đo của nó, và ngược lại: cây và diện tích, điểm tiếp nhận và "
         "kinh phí", _B04, "checks.rules.relations",
         gate=True),
    Rule("V18", _W, Stage.FORM, "Cuộc kiểm tra quá 05 ngày làm việc phải có ghi chú",
         "Kế hoạch thực hiện Dự án 9, mục kiểm tra", "checks.rules.relations", gate=True),
    Rule("V19", _E, Stage.FORM, "Cơ sở cai nghiện ghi «đạt» thì công suất từ 250 người và diện tích từ 3 ha",
         "Kế hoạch thực hiện Dự án 9, mục Dự án 5", "checks.rules.relations", gate=True),
    # --- giữa các biểu ------------------------------------------------------------------------------------------
    Rule("V21", _E, Stage.CROSS, "Số người theo năm nhóm ở Phụ lục 01 bằng số cuối kỳ ở Biểu 04 và số ở Biểu 06", _PL12,
         "checks.rules.relations", gate=True),
    Rule("V22", _E, Stage.CROSS, "Kết quả, kế hoạch, lũy kế, phân loại ở Phụ lục 01 bằng ở Biểu 01, 04, 05, 07",
         _PL12, "checks.rules.relations", gate=True),
    Rule("V23", _E, Stage.CROSS, "Trạm y tế, cơ sở giáo dục, người lao động, trợ giúp pháp lý ở Phụ lục 01 bằng số ở "
         "Biểu 06, 07, 08; một mẫu số ghi hai nơi thì bằng nhau", _PL12, "checks.rules.relations", gate=True),
    Rule("V24", _E, Stage.CROSS, "Số người phải được tư vấn, hỗ trợ nằm giữa nhóm lớn nhất và tổng năm nhóm", _PL12,
         "checks.rules.relations", gate=True),
    Rule("V25", _E, Stage.CROSS, "Phụ lục 03: dòng tổng bằng tổng các dự án, nguồn vốn cộng lại", _PL03,
         "checks.rules.derived", gate=True),
    Rule("V26", _E, Stage.CROSS, "Tỷ lệ bằng đúng tử số chia mẫu số; tỷ lệ giải ngân = lũy kế giải ngân / kế hoạch "
         "giao", _PL03, "checks.rules.derived", gate=True),
    Rule("V27", _W, Stage.CROSS, "Có hoạt động thì có tiền, có giải ngân thì có hoạt động, trong cùng một dự án",
         _PL03, "checks.rules.plausible"),
    Rule("V28", _W, Stage.CROSS, "Địa bàn ghi «không ma túy» mà còn người nghiện, người sử dụng, điểm hoặc đối tượng "
         "bán lẻ chưa triệt xóa, hoặc vẫn là địa bàn trọng điểm", _CLASS, "checks.rules.relations", gate=True),
    Rule("V29", _W, Stage.CROSS, "Phân loại địa bàn phù hợp với các mức đã biết của loại I (mức tính theo số dân chỉ "
         "xét khi units.csv ghi số dân)", _CLASS, "checks.rules.relations", gate=True),
    Rule("V63", _E, Stage.FORM, "Trả lời «Có» thì ghi số, ngày văn bản; trả lời «Không» thì không ghi", _OWN,
         "checks.rules.relations", "ngày không phải của một quyết định: giải trình", gate=True),
    Rule("V64", _E, Stage.FORM, "Danh sách: không có hai dòng cho một trường hợp; ngày không trước ngày đầu kỳ", _OWN,
         "checks.rules.lists"),
    Rule("V65", _E, Stage.CROSS, "Số ở biểu bằng số dòng, hoặc tổng, của danh sách làm căn cứ cho nó", _OWN,
         "checks.rules.lists"),
    # --- so với kỳ trước ----------------------------------------------------------------------------------------
    Rule("V31", _E, Stage.HISTORY, "Đầu kỳ bằng cuối kỳ của báo cáo trước (năm: bằng đầu kỳ của báo cáo 6 tháng)",
         _B04, "checks.rules.past"),
    Rule("V32", _E, Stage.HISTORY, "Lũy kế năm không giảm trong năm; bằng lũy kế trước cộng số trong kỳ", _PL02,
         "checks.rules.past"),
    Rule("V33", _E, Stage.HISTORY, "Số cả năm không nhỏ hơn số 6 tháng của cùng năm", _CUTOFF, "checks.rules.past"),
    Rule("V34", _E, Stage.HISTORY, "Lũy kế giai đoạn không bao giờ giảm", _PL02, "checks.rules.past"),
    Rule("V35", _W, Stage.HISTORY, "Biến động lớn so với cùng kỳ năm trước", _OWN, "checks.rules.unusual"),
    Rule("V36", _W, Stage.HISTORY, "Số liệu giống hệt kỳ trước (chép lại)", _OWN, "checks.rules.unusual"),
    Rule("V37", _E, Stage.HISTORY, "Thay đổi công nhận không ma túy hoặc phân loại địa bàn phải có số, ngày quyết định",
         _CLASS, "checks.rules.decisions"),
    Rule("V38", _E, Stage.CROSS, "Phân bổ không vượt kế hoạch giao; giải ngân không vượt phân bổ", _PL03,
         "checks.rules.relations", "dòng có ghi chú (tạm ứng): giải trình", gate=True),
    Rule("V61", _W, Stage.HISTORY, "Số cuộc kiểm tra khớp với sổ theo dõi kiểm tra",
         "Kế hoạch thực hiện Dự án 9, mục kiểm tra", "checks.rules.register"),
    Rule("V62", _E, Stage.HISTORY, "Số cả giai đoạn (giữa kỳ, cuối kỳ) không nhỏ hơn tổng các báo cáo đã được nhận "
         "trong giai đoạn, bằng lũy kế giai đoạn, không lớn hơn số ước đến cuối giai đoạn",
         "Kế hoạch thực hiện Dự án 9, mục chế độ thông tin báo cáo khoản 2", "checks.rules.term",
         "phần phát sinh thêm khác xa nhịp bình quân: giải trình"),
    # --- đầy đủ, thời hạn ---------------------------------------------------------------------------------------
    Rule("V41", _E, Stage.TIME, "Mọi biểu được giao đều có mặt, đủ dòng đủ cột, hoặc khai không phát sinh",
         "HD 46/HD-BCA-C04, Mục IV", "checks.rules.answers", gate=True),
    Rule("V42", _E, Stage.TIME, "Có họ tên, chức vụ người ký, không phải chỗ trống; TM., KT. phù hợp với chức vụ; số, "
         "ngày báo cáo của đơn vị nếu ghi thì đúng dạng",
         "NĐ 30/2020/NĐ-CP, Phụ lục I", "checks.texts.signature", "giống tên mẫu: giải trình"),
    Rule("V43", _W, Stage.TIME, "Nộp sau hạn: ghi «trễ hạn», vẫn nhận", "NĐ 09/2019/NĐ-CP, Điều 13",
         "checks.rules.identity"),
    Rule("V44", _E, Stage.TIME, "Không tính việc xảy ra sau ngày chốt số liệu", _CUTOFF, "checks.rules.decisions",
         gate=True),
    Rule("V45", _E, Stage.CALENDAR, "Từ ngày chốt số liệu đến mỗi hạn nộp có ít nhất một ngày làm việc",
         "NĐ 09/2019/NĐ-CP, Điều 8 khoản 5 điểm b", "calendar.periods"),
    # --- khi tổng hợp -------------------------------------------------------------------------------------------
    Rule("V51", _E, Stage.ROLLUP, "Số trong lời văn bằng số trong bảng", "HD 46/HD-BCA-C04, Phụ lục 04",
         "documents"),
    Rule("V52", _E, Stage.ROLLUP, "Số tổng hợp = tổng các đơn vị được nhận + phần cơ quan chủ trì nhập; nêu tên "
         "đơn vị thiếu, không ước thay", _OWN, "consolidation"),
    Rule("V53", _E, Stage.ROLLUP, "Mẫu số của tỷ lệ địa bàn là số đơn vị có hiệu lực ngày chốt, không phải số đã nhận",
         _CLASS, "consolidation"),
    Rule("V54", _E, Stage.ROLLUP, "Tỷ lệ = tổng tử số / tổng mẫu số, không lấy trung bình các tỷ lệ", _OWN,
         "consolidation"),
    Rule("V55", _W, Stage.ROLLUP, "Số vụ cộng từ cơ sở khác số cơ quan chủ trì thì phải giải trình (vụ phối hợp)",
         _PL12, "consolidation"),
    Rule("V56", _E, Stage.ROLLUP, "So mục tiêu đúng dấu: 70,00 % không đạt «trên 70 %», 50,00 % đạt «ít nhất 50 %»",
         "Nghị quyết 163/2024/QH15", "consolidation"),
    Rule("V57", _W, Stage.ROLLUP, "Nơi nhận đúng theo loại báo cáo", "Kế hoạch của chế độ, mục chế độ báo cáo",
         "workflow"),
    Rule("V58", _E, Stage.ROLLUP, "Bản đã gửi không sửa được; đính chính là một bản mới", _OWN, "workflow"),
)  # fmt: skip


@lru_cache(maxsize=1)
def _by_id() -> dict[str, Rule]:
    by_id: dict[str, Rule] = {}
    for rule in RULES:
        if rule.id in by_id:
            raise ValueError(f"quy tắc {rule.id} được đăng ký hai lần")
        by_id[rule.id] = rule
    return by_id


def rule(id: str) -> Rule:
    """The rule `id`; KeyError when nobody registered it."""
    return _by_id()[id]
