"""What the verbs about inspections share: one inspection, its letters, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from baocao.calendar.inspection_days import duration
from baocao.delivery import contexts, outbox
from baocao.delivery.contexts.common import LetterContext, addressee_of
from baocao.documents.word_report.notice_letter import NoticeInput, build_notice
from baocao.model.inspection import Inspection, InspectionRules, InspectionStatus
from baocao.model.pack import Pack
from baocao.model.report import Signature
from baocao.model.unit import Unit
from baocao.store import inspection_register as register
from baocao.store.database import StoreError
from baocao.store.trail import events
from baocao.text import capitalised
from baocao.workflow.inspections.plan_file import days_of, occupies
from baocao.workflow.installation import Installation, Refused, require_readable
from baocao.workflow.mail.letters import PeriodMail


@dataclass(frozen=True)
class Case:
    """One inspection inside the transaction of a verb."""

    conn: Connection
    period_mail: PeriodMail
    rules: InspectionRules
    found: Inspection
    unit: Unit
    lead: Unit
    today: date

    def tell(self, context: LetterContext, what: str, at: datetime, *files: outbox.Attachment) -> None:
        """A letter to the inspected body, once for each `what`."""
        step = f"inspection/{self.found.id}/{what}"
        self.period_mail.to_unit(self.conn, self.unit, context=context, step=step, at=at, attachments=files)


@contextmanager
def register_transaction(place: Installation) -> Iterator[Connection]:
    """The transaction of a verb, alone in the register; what the store refuses is refused by the verb."""
    try:
        # The register's lock first: whether two inspections overlap is a question about rows that others may be
        # writing.
        with place.store.begin() as conn:
            register.only_writer(conn)
            yield conn
    except StoreError as error:
        raise Refused(str(error)) from error


def rules_of(place: Installation, regime: str) -> tuple[Pack, InspectionRules]:
    """The regime's pack and its rules of inspections. Raises Refused where it keeps no register of them."""
    pack = place.pack(regime)
    if pack.regime.inspections is None:
        raise Refused(f"Chế độ {regime} không theo dõi kiểm tra; hãy khai mục inspections trong regime.yaml")
    return pack, pack.regime.inspections


def case_of(
    place: Installation, conn: Connection, pack: Pack, rules: InspectionRules, id: int, as_of: datetime
) -> Case:
    """An inspection with its units. Raises Refused where the register has none of that number, or the pack has no such
    unit."""
    found = register.inspection_of(conn, pack.code, id)
    unit, lead = pack.unit(found.unit), pack.unit(found.lead)
    if unit is None or lead is None:
        raise Refused(
            f"Đơn vị {found.unit} hoặc {found.lead} không còn trong units.csv; hãy bổ sung lại vào gói chế độ"
        )
    return Case(conn, PeriodMail(place, pack, None), rules, found, unit, lead, local_day(pack, as_of))


def local_day(pack: Pack, moment: datetime) -> date:
    """The calendar day of an instant, where the regime applies."""
    return moment.astimezone(pack.regime.zone).date()


def require_no_overlap(case: Case, first: date, last: date, *, begun_only: bool = False) -> None:
    """Raises Refused when another inspection of the same body (one that really began) takes one of these days."""
    for other in register.inspections(case.conn, case.period_mail.pack.code, unit=case.unit.code):
        if other.id == case.found.id or not occupies(other) or (begun_only and other.started_on is None):
            continue
        begins, ends = days_of(other)
        if begins <= last and first <= ends:
            raise Refused(
                f"{case.unit.full_name} đã có cuộc kiểm tra số {other.id} từ {begins} đến {ends}; một đơn vị không bị "
                "kiểm tra hai lần cùng lúc"
            )


def notice_of(
    place: Installation, case: Case, signature: Signature | None, announced: tuple[date, date] | None
) -> bytes:
    """The notice of an inspection as a Word file; signed, or as a draft."""
    first, last = announced or (case.found.planned_from, case.found.planned_to)
    source = NoticeInput(
        pack=case.period_mail.pack,
        rules=case.rules,
        inspection=case.found,
        unit=case.unit,
        lead=case.lead,
        addressee=addressee_of(case.unit),
        announced=(first, last),
        working_days=duration(first, last, place.working_days),
        on=case.today,
        signature=signature,
    )
    return build_notice(source, place.settings.templates)


def planned_letter(case: Case) -> LetterContext:
    """What the letter about a planned inspection says."""
    found = case.found
    return contexts.InspectionPlanned(
        head=case.period_mail.head,
        addressee=addressee_of(case.unit),
        lead=case.lead.full_name,
        year=str(found.year),
        decision=found.decision,
        decided_on=found.decided_on,
        planned_from=found.planned_from,
        planned_to=found.planned_to,
    )


def cancelled_letter(case: Case) -> LetterContext:
    """What the letter about a cancelled inspection says."""
    found = case.found
    return contexts.InspectionCancelled(
        head=case.period_mail.head,
        addressee=addressee_of(case.unit),
        lead=case.lead.full_name,
        decision=found.decision,
        decided_on=found.decided_on,
        planned_from=found.first_day,
        planned_to=found.announced_to,
    )


def given(what: str, text: str, longest: int = 500) -> str:
    """The text without outer blanks. Raises Refused when there is none, or too much."""
    text = (text or "").strip()
    if not text:
        raise Refused(f"Thiếu {what}; hãy nhập đủ rồi làm lại")
    if len(text) > longest:
        raise Refused(f"{capitalised(what)} dài quá {longest} ký tự; hãy rút ngắn")
    require_readable(capitalised(what), text)
    return text


def not_after(day: date, today: date, what: str) -> date:
    """The day, if it is not in the future. Raises Refused."""
    if day > today:
        raise Refused(f"{what} {day} ở sau ngày ghi nhận {today}; hãy ghi khi việc đã diễn ra")
    return day


def record_event(
    conn: Connection, regime: str, subject: str, action: str, by: str, as_of: datetime, payload: Mapping[str, Any]
) -> None:
    """Add what was done to the trail. Raises Refused without a name."""
    actor = given("người thực hiện", by)
    events.append(conn, as_of, actor, action, (regime, ""), subject, payload)


def answer(id: int, status: InspectionStatus) -> dict[str, Any]:
    """What a verb of the register answers."""
    return {"id": id, "status": status.value}
