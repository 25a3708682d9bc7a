"""The step this distribution adds to the desk: a new form tried on a period's accepted reports."""

from __future__ import annotations

import tempfile
from pathlib import Path

from baocao.web.desk.ask import Ask
from baocao.web.desk.steps.fields import Field, StepInput
from baocao.web.desk.steps.long_work import begin_behind_page
from baocao.web.desk.steps.shared import below, file_of
from baocao.web.desk.steps.step import Step
from baocao.workflow.installation import Refused
from baocao.workflow.reports.long_work import WHAT_IF, Stages, WorkRun
from baocao_authoring.what_if.answer import what_if_text
from baocao_authoring.what_if.trying import proposed_pack, what_if

_LARGEST_FORM = 1024 * 1024


def _try(run: WorkRun) -> str:
    """A form's YAML tried on the accepted files; nothing but the answer is kept."""
    work = run.work
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "bieu.yaml"
        # From the store: the request that brought the file is long over when the work begins.
        file.write_bytes(run.place.store.files.get(str(work.given["form_sha256"])))
        proposed = proposed_pack(run.place, work.regime, None, file)
    return what_if_text(what_if(run.place, work.regime, work.period, proposed))


TRYING: Stages = (("Xét lại các báo cáo đã tiếp nhận theo biểu mới", _try),)


def _what_if(ask: Ask, given: StepInput) -> str:
    _, data = file_of(given) or ("", b"")
    if len(data) > _LARGEST_FORM:
        raise Refused("Tệp biểu lớn hơn 1 MB, không phải tệp YAML của một biểu")
    begin_behind_page(ask, WHAT_IF, TRYING, data)
    return "Đã bắt đầu thử; không có gì của kỳ thay đổi. Có thể đóng trang."


STEPS = (
    Step(
        f"/p/{{period}}/do/{WHAT_IF}",
        "Thử một biểu mới trên số liệu của kỳ",
        (Field("file", "Tệp YAML của biểu mới", "file", required=True),),
        _what_if,
        below("work"),
        says="Các báo cáo đã tiếp nhận được kiểm tra lại theo biểu mới và so với nay: đơn vị nào đổi kết luận, số tổng "
        "hợp nào đổi. Không ghi, không gửi gì.",
        button="Thử",
    ),
)
