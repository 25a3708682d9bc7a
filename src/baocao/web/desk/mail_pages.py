"""Letters: what did not leave and why, what can be done; and the files that came without a sender's name."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.responses import Response

from baocao.media_types import BYTES
from baocao.model.submission import Status
from baocao.store.database import StoreError
from baocao.web.desk.access import Permission
from baocao.web.desk.ask import Ask
from baocao.web.desk.filters import state_name
from baocao.web.desk.steps.fields import Field, StepInput
from baocao.web.desk.steps.step import Step, Warned
from baocao.workflow.installation import Refused
from baocao.workflow.intake.attributing import attribute, refuse
from baocao.workflow.looking.home_page import waiting_for
from baocao.workflow.looking.period_page import letters
from baocao.workflow.mail.addressing import correct_address
from baocao.workflow.mail.mailing import readdress_mail, retry_mails, show_mail
from baocao.workflow.mailbox.bounced import unbounce

PAGE = 50


def show(ask: Ask) -> Response:
    """The letters of a period, those in trouble first."""
    status = ask.query("tt")
    first = ask.first
    found, total = letters(*ask.where, status=status, search=ask.query("q"), first=first, count=PAGE)
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
    """One letter."""
    return ask.page("letter.html", section="mail", mail=_own(ask))


def _own(ask: Ask) -> dict[str, object]:
    """A letter of this regime and period. Raises HTTPException 404 for any other."""
    try:
        mail = show_mail(ask.place, ask.number("mail"))
    except StoreError:
        raise HTTPException(404) from None
    # Numbers of letters count over all regimes: the role was checked for the one in the address.
    if (mail["regime"], mail["period"]) != (ask.code, ask.period.code):
        raise HTTPException(404)
    return mail


def inbox(ask: Ask) -> Response:
    """Files nobody can be named for, that this office may see."""
    return ask.page("inbox.html", section="inbox", files=waiting_for(ask.place, ask.code, ask.asker.is_everywhere))


def _back(ask: Ask) -> str:
    return ask.path("p", ask.period.code, "mail")


def _retry(ask: Ask, given: StepInput) -> str | Warned:
    mail = _own(ask)
    answer = retry_mails(*ask.where, [int(str(mail["id"]))], **ask.decided)
    # Tried at once, because somebody waits for it; that it did not leave is no refusal of the step.
    if not answer["mails_sent"]:
        return Warned(f"Đã cho gửi lại thư số {mail['id']}, chưa gửi được; xem lý do ở thư.")
    return f"Đã cho gửi lại thư số {mail['id']}: đã gửi."


def _readdress(ask: Ask, given: StepInput) -> str:
    mail = _own(ask)
    answer = readdress_mail(
        ask.place,
        int(str(mail["id"])),
        given.text("address"),
        **ask.decided,
        again=given.is_set("again"),
    )
    return f"Thư số {mail['id']} gửi tới {answer['recipient']}: {'đã gửi' if answer['sent_at'] else 'đang chờ'}."


def _correct_address(ask: Ask, given: StepInput) -> str:
    answer = correct_address(
        ask.place, ask.code, given.text("who"), given.text("address"), head=given.is_set("head"), **ask.decided
    )
    return f"Đã sửa địa chỉ của {given.text('who')}; {answer['mails_sent']} thư đang chờ đã được gửi."


def _known_addresses(ask: Ask) -> set[str]:
    """In small letters: of the units and the recipients of this regime."""
    units = (address for unit in ask.pack.units for address in (unit.email, unit.head_email))
    return {a.lower() for a in (*units, *(r.email for r in ask.regime.recipients)) if a}


def _address_works(ask: Ask, given: StepInput) -> str:
    address = given.text("address")
    # Marks are of the whole installation: an office takes them off its own addresses alone.
    if address.lower() not in _known_addresses(ask):
        raise Refused(f"{address} không phải địa chỉ của đơn vị hay nơi nhận nào của chế độ này")
    unbounce(ask.place, address, **ask.decided)
    return f"Thư lại được gửi tới {address}."


def _waiting(ask: Ask) -> int:
    """A file this office may decide about. Raises HTTPException 404."""
    id = ask.number("file")
    # Not merely that it waits: the same list that the page shows decides what may be decided about.
    if id not in {f["id"] for f in waiting_for(ask.place, ask.code, ask.asker.is_everywhere)}:
        raise HTTPException(404)
    return id


def _attribute(ask: Ask, given: StepInput) -> str:
    unit = given.text("unit")
    if ask.place.pack(ask.code).unit(unit) is None:
        raise Refused(f"Chế độ này không có đơn vị mã {unit!r}")
    answer = attribute(ask.place, _waiting(ask), unit, reason=given.text("reason"), **ask.decided)
    return f"Đã ghi người gửi; kết quả kiểm tra tệp: {_verdict(answer['outcome'])}."


def _verdict(outcome: str) -> str:
    known = {status.value.lower(): status.value for status in Status}
    return state_name(known[outcome], "submission").lower() if outcome in known else outcome


def _refuse(ask: Ask, given: StepInput) -> str:
    refuse(ask.place, _waiting(ask), reason=given.text("reason"), **ask.decided)
    return "Đã từ chối tệp; tệp vẫn được lưu."


def download_waiting(ask: Ask) -> Response:
    """The file that waits for the office to say whose it is, as it came."""
    id = _waiting(ask)
    found = next(f for f in waiting_for(ask.place, ask.code, ask.asker.is_everywhere) if f["id"] == id)
    return ask.file(ask.place.store.files.get(found["sha256"]), found["filename"], BYTES)


_REASON = Field("reason", "Lý do", "area", required=True)

STEPS = (
    Step(
        "/p/{period}/mail/{mail}/retry",
        "Gửi lại thư",
        (),
        _retry,
        _back,
        permission=Permission.OPERATE,
        button="Gửi lại ngay",
    ),
    Step(
        "/p/{period}/mail/{mail}/readdress",
        "Gửi thư tới địa chỉ khác",
        (
            Field("address", "Địa chỉ mới", "email", required=True),
            Field("again", "Gửi thêm dù thư đã đi", "check"),
        ),
        _readdress,
        _back,
        permission=Permission.OPERATE,
        says="Chỉ thư này đổi địa chỉ; gói chế độ không đổi.",
        button="Gửi tới địa chỉ này",
    ),
    Step(
        "/p/{period}/do/correct-address",
        "Sửa địa chỉ thư của đơn vị, nơi nhận",
        (
            Field("who", "Mã đơn vị hoặc nơi nhận", required=True),
            Field("address", "Địa chỉ đúng", "email", required=True),
            Field("head", "Đây là địa chỉ của thủ trưởng đơn vị", "check"),
        ),
        _correct_address,
        _back,
        permission=Permission.OPERATE,
        says="Ghi vào gói chế độ; thư đang chờ địa chỉ này được gửi ngay.",
        button="Sửa địa chỉ",
    ),
    Step(
        "/p/{period}/do/address-works",
        "Địa chỉ bị trả thư vẫn dùng được",
        (Field("address", "Địa chỉ", "email", required=True),),
        _address_works,
        _back,
        permission=Permission.OPERATE,
        says="Khi đơn vị xác nhận địa chỉ đúng và hộp thư đã nhận lại được; đôn đốc lại được gửi tới đó.",
        button="Dùng lại địa chỉ",
    ),
    Step(
        "/inbox/{file}/attribute",
        "Ghi người gửi của tệp",
        (
            Field("unit", "Mã đơn vị đã gửi", required=True),
            Field("reason", "Căn cứ", "area", required=True),
        ),
        _attribute,
        lambda ask: ask.path("inbox"),
        permission=Permission.OPERATE,
        says="Tệp được kiểm tra ngay, coi như nhận lúc nó đến.",
        button="Ghi người gửi",
    ),
    Step(
        "/inbox/{file}/refuse",
        "Từ chối tệp",
        (_REASON,),
        _refuse,
        lambda ask: ask.path("inbox"),
        permission=Permission.OPERATE,
        button="Từ chối",
        stop=True,
    ),
)
