"""Yêu cầu đột xuất: the form that an operator fills in, and what was asked for in it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from airflow.sdk import Param
from airflow.sdk.exceptions import AirflowFailException

from baocao.model.period import Request
from baocao.model.regime import Regime

if TYPE_CHECKING:
    from baocao.workflow.periods.special import Days


def request_params(regime: Regime) -> dict[str, Param]:
    """The form of an ad hoc request. Days mean `trước ngày`."""
    forms = list(regime.ad_hoc.forms) if regime.ad_hoc else []

    def text(title: str, **more: Any) -> Param:
        return Param(None, type=["null", "string"], title=title, **more)

    def codes(title: str, **more: Any) -> Param:
        return Param([], type="array", items={"type": "string"}, title=title, **more)

    return {
        "asked_by": text("Cơ quan yêu cầu"),
        "address": text("Địa chỉ nhận báo cáo"),
        "basis": text("Căn cứ", description="Văn bản yêu cầu: số, ngày, cơ quan ban hành."),
        "subject": text("Nội dung yêu cầu"),
        "forms": codes("Biểu được hỏi", examples=forms, description="Bỏ trống: mọi biểu."),
        "rows": codes("Dòng được hỏi", description="BIỂU/DÒNG, mỗi dòng một mục. Bỏ trống: mọi dòng."),
        "units": codes("Đơn vị phải gửi", description="Mã đơn vị, mỗi dòng một mã. Bỏ trống: mọi đơn vị."),
        "covers_from": text("Số liệu từ ngày", format="date"),
        "cutoff": text("Chốt số liệu hết ngày", format="date"),
        "unit_before": text("Đơn vị gửi trước ngày", format="date"),
        "province_before": text("Cấp tổng hợp gửi trước ngày", format="date"),
        "by": text("Người quyết định"),
        "reason": text("Lý do"),
    }


def asked_for(params: Any) -> tuple[Request, Days]:
    """What was filled into the form of `request_params`. Raises AirflowFailException for what is no day."""
    from baocao.workflow.periods.special import Days

    asked_by, address, basis, subject = (params.get(n) or "" for n in ("asked_by", "address", "basis", "subject"))
    forms, rows, units = (tuple(params.get(n) or ()) for n in ("forms", "rows", "units"))
    days = (_day(params, n) for n in ("covers_from", "cutoff", "unit_before", "province_before"))
    return Request(asked_by, address, basis, subject, forms, rows, units), Days(*days)


def _day(params: Any, name: str) -> date:
    try:
        return date.fromisoformat(str(params.get(name)))
    except ValueError:
        raise AirflowFailException(
            f"{name}: {params.get(name)!r} không phải ngày; hãy ghi dạng NĂM-THÁNG-NGÀY"
        ) from None
