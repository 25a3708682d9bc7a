"""Letters: what did not leave and why, what can be done; and the files that came without a sender's name."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.responses import Response

from baocao.store.database import StoreError
from baocao.web.desk.access import Need
from baocao.web.desk.ask import Ask
from baocao.web.desk.steps.fields import Field, StepInput
from baocao.web.desk.steps.step import Step
from baocao.workflow.installation import Refused
from baocao.workflow.intake.attributing import attribute, refuse
from baocao.workflow.looking.inbox_page import waiting_for
from baocao.workflow.looking.mail_page import letters
from baocao.workflow.mail.mailing import readdress_mail, retry_mails, show_mail

PAGE = 50


def show(ask: Ask) -> Response:
    """The letters of a period, those in trouble first."""
    status = ask.query("tt")
    first = int(t) if (t := ask.query("tu", "0")).isdigit() else 0
    found, total = letters(
        ask.place, ask.code, ask.period.code, status=status, search=ask.query("q"), first=first, count=PAGE
    )
    return ask.page(
        "mail.html",
        section="mail",
        letters=found,
        total=total,
        first=first,
        count=PAGE,
        wanted=status,
        q=ask.query("q"),
    )


def one(ask: Ask) -> Response:
    return ask.page("letter.html", section="mail", mail=_own(ask))


def _own(ask: Ask) -> dict[str, object]:
    """A letter of this regime and period. Raises HTTPException 404 for any other."""
    try:
        mail = show_mail(ask.place, ask.number("mail"))
    except StoreError:
        raise HTTPException(404) from None
    if (mail["regime"], mail["period"]) != (ask.code, ask.period.code):
        raise HTTPException(404)
    return mail


def inbox(ask: Ask) -> Response:
    """Files nobody can be named for, that this office may see."""
    return ask.page("inbox.html", section="inbox", files=waiting_for(ask.place, ask.code, ask.asker.is_everywhere))


def _back(ask: Ask) -> str:
    return ask.path("p", ask.period.code, "mail")


def _retry(ask: Ask, given: StepInput) -> str:
    mail = _own(ask)
    answer = retry_mails(ask.place, ask.code, ask.period.code, [int(str(mail["id"]))], by=ask.asker.name, as_of=ask.now)
    sent = answer["mails_sent"]
    return f"Đã cho gửi lại thư số {mail['id']}: {'đã gửi' if sent else 'chưa gửi được, xem lý do ở thư'}."


def _readdress(ask: Ask, given: StepInput) -> str:
    mail = _own(ask)
    answer = readdress_mail(ask.place, int(str(mail["id"])), given.text("address"), by=ask.asker.name, as_of=ask.now)
    return f"Thư số {mail['id']} gửi tới {answer['recipient']}: {'đã gửi' if answer['sent_at'] else 'đang chờ'}."


def _waiting(ask: Ask) -> int:
    """A file this office may decide about. Raises HTTPException 404."""
    id = ask.number("file")
    if id not in {f["id"] for f in waiting_for(ask.place, ask.code, ask.asker.is_everywhere)}:
        raise HTTPException(404)
    return id


def _attribute(ask: Ask, given: StepInput) -> str:
    unit = given.text("unit")
    if ask.place.pack(ask.code).unit(unit) is None:
        raise Refused(f"Chế độ này không có đơn vị mã {unit!r}")
    answer = attribute(ask.place, _waiting(ask), unit, reason=given.text("reason"), by=ask.asker.name, as_of=ask.now)
    return f"Đã ghi người gửi; kết quả kiểm tra tệp: {answer['outcome']}."


def _refuse(ask: Ask, given: StepInput) -> str:
    refuse(ask.place, _waiting(ask), reason=given.text("reason"), by=ask.asker.name, as_of=ask.now)
    return "Đã từ chối tệp; tệp vẫn được lưu."


def download_waiting(ask: Ask) -> Response:
    id = _waiting(ask)
    found = next(f for f in waiting_for(ask.place, ask.code, ask.asker.is_everywhere) if f["id"] == id)
    return ask.file(ask.place.store.files.get(found["sha256"]), found["filename"], "application/octet-stream")


_REASON = Field("reason", "Lý do", "area", required=True)

STEPS = (
    Step(
        "/p/{period}/mail/{mail}/retry",
        "Gửi lại thư",
        Need.OPERATE,
        (),
        _retry,
        _back,
        button="Gửi lại ngay",
    ),
    Step(
        "/p/{period}/mail/{mail}/readdress",
        "Gửi thư tới địa chỉ khác",
        Need.OPERATE,
        (Field("address", "Địa chỉ mới", "email", required=True),),
        _readdress,
        _back,
        says="Chỉ thư này đổi địa chỉ; gói chế độ không đổi.",
        button="Gửi tới địa chỉ này",
    ),
    Step(
        "/inbox/{file}/attribute",
        "Ghi người gửi của tệp",
        Need.OPERATE,
        (
            Field("unit", "Mã đơn vị đã gửi", required=True),
            Field("reason", "Căn cứ", "area", required=True),
        ),
        _attribute,
        lambda ask: ask.path("inbox"),
        says="Tệp được kiểm tra ngay, coi như nhận lúc nó đến.",
        button="Ghi người gửi",
    ),
    Step(
        "/inbox/{file}/refuse",
        "Từ chối tệp",
        Need.OPERATE,
        (_REASON,),
        _refuse,
        lambda ask: ask.path("inbox"),
        button="Từ chối",
        stop=True,
    ),
)
