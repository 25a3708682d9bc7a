"""Cách gọi: the words in which a pack names its levels, its deciders and the parts of its report.

Every default is neutral: which level, which body and which appendix it is, only a pack can say.
"""

from __future__ import annotations

from pydantic import Field

from baocao.model.pack_parts.strict import Strict


class Wording(Strict):
    """How letters, workbooks and documents call the two levels and the two deciders of one regime."""

    unit_short: str = "đơn vị"
    """The reporting level in a list of deadlines: `xã`."""
    top_short: str = "cấp tổng hợp"
    """The consolidating level in `hạn gửi của …`: `tỉnh`."""
    whole: str = "toàn bộ đơn vị"
    """What the consolidated figures speak of: `toàn tỉnh`."""
    unit_level: str = "cấp cơ sở"
    """`cấp xã`"""
    top_level: str = "cấp tổng hợp"
    """`cấp tỉnh`"""
    units: str = "đơn vị cơ sở"
    """The territorial units, as counted: `đơn vị hành chính cấp xã`."""
    bodies: str = "phòng, ban, đơn vị"
    """The offices that report, as counted: `cơ quan, đơn vị cấp tỉnh chủ trì dự án, tiểu dự án`."""
    body: str = "cơ quan, đơn vị chủ trì"
    """One of them: `cơ quan cấp tỉnh`."""
    own_scope: str = "Địa phương"
    """Scope of a target that is the regime's own, not the nation's: `Tỉnh`."""
    approver: str = "cơ quan tổng hợp"
    """Who approves: `cơ quan thường trực`."""
    signer: str = "cơ quan ban hành"
    """Who signs: `Ủy ban nhân dân`."""


class ReportLayout(Strict):
    """Which Word template a regime's report is built from, and where its generated parts stand.

    The numbers are those of the sections in the narrative form; a part of number 0 is left out. A form that is named
    here by default may be missing from a pack: then its part is left out too.
    """

    template: str = "report_periodic"
    """`include/templates/word/<template>.docx`"""
    subject: str = "Kết quả thực hiện {programme}, {period}"
    """Trích yếu."""
    indicator_form: str = "PL01"
    """The form that the generated sentences speak of."""
    resource_form: str = "PL03"
    """The form that holds the money."""
    resources_section: int = 2
    results_section: int = 3
    resources_title: str = "Huy động, phân bổ và sử dụng nguồn vốn"
    """Used when the narrative form has no section of that number; so is `results_title`."""
    results_title: str = "Kết quả thực hiện mục tiêu, nhiệm vụ"
    figures_title: str = "Kết quả theo chỉ số, khung kết quả của Chương trình"
    figures_note: str = "Số liệu đầy đủ tại Phụ lục I; kết quả từng dự án, tiểu dự án tại Phụ lục II."
    resources_note: str = "Số liệu chi tiết theo dự án và nguồn vốn tại Phụ lục III."
    compliance_annex: str = "Phụ lục IV"
    texts_annex: str = "Phụ lục V"


class Task(Strict):
    """ "6 rõ" of one task of a plan; the sixth, rõ việc, is the name of the project it stands in."""

    who: str
    """rõ người: the unit that leads"""
    time: str
    """rõ thời gian"""
    responsibility: str
    """rõ trách nhiệm: what the lead answers for, and who works with it"""
    product: str
    """rõ sản phẩm"""
    authority: str
    """rõ thẩm quyền: who decides"""
    progress: str = ""
    """Cell with the progress reported: `NV/NV1A/TD`."""
    outcome: str = ""
    """Cell with what was produced, in words."""


class SharedForms(Strict):
    """Forms and relations of another regime, used as they are but for the words named here."""

    regime: str
    """Code of the lender; its folder stands beside this pack's."""
    words: dict[str, str] = Field(default_factory=dict)
    """Phrase of the lender's printed texts -> how it reads here."""
    departments: bool = False
    """What a territorial unit fills there, this pack's departments fill here, each for its projects."""
