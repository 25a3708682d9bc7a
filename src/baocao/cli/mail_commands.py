"""`baocao mail`: the letters that have not left, and what can be done about them."""

from __future__ import annotations

import click

from baocao.cli.call import Call, common, required
from baocao.cli.commands import main

_STATUSES = {"waiting": "PENDING", "failed": "FAILED", "sent": "SENT"}


@main.group()
def mail() -> None:
    """Hộp thư đi: xem, gửi lại, đổi địa chỉ từng thư."""


@mail.command("list")
@click.option("--unit", help="Mã đơn vị hoặc mã nơi nhận.")
@click.option(
    "--status",
    "statuses",
    multiple=True,
    type=click.Choice(sorted(_STATUSES)),
    help="waiting: đang chờ, failed: bị từ chối, sent: đã gửi; lặp lại được (bỏ trống: các thư chưa gửi được).",
)
@common
def list_(call: Call, unit: str | None, statuses: tuple[str, ...]) -> None:
    """Liệt kê các thư chưa gửi được: số thư, tình trạng, nơi nhận, lý do. Không nêu chế độ, kỳ: mọi thư."""
    from baocao.workflow.mail.mailing import list_mails, mails_text

    wanted = [_STATUSES[s] for s in statuses]
    # As named and not as guessed: without options all letters of the installation, for mail fails over all regimes.
    lines = list_mails(call.place, call.named_regime, call.named_period, unit=unit, statuses=wanted)
    call.answer(lines, mails_text(lines))


@mail.command()
@click.argument("number", type=int)
@common
def show(call: Call, number: int) -> None:
    """Xem một thư: nơi nhận, tình trạng, nội dung, tệp đính kèm."""
    from baocao.workflow.mail.mailing import show_mail

    data = show_mail(call.place, number)
    lines = [f"{key}: {value}" for key, value in data.items() if key != "text"]
    call.answer(data, "\n".join([*lines, "", data["text"]]))


@mail.command()
@click.argument("numbers", type=int, nargs=-1)
@required(by="Người cho gửi lại.")
@common
def retry(call: Call, numbers: tuple[int, ...], by: str) -> None:
    """Gửi lại ngay các thư nêu số; không nêu số nào: mọi thư bị từ chối hoặc đang chờ thử lại."""
    from baocao.workflow.mail.mailing import retry_mails

    call.answer(
        # The same here: after a server was away somebody retries everything.
        retry_mails(call.place, call.named_regime, call.named_period, numbers, by=by, as_of=call.as_of_anywhere)
    )


@mail.command()
@click.argument("number", type=int)
@click.argument("address")
@required(by="Người cho đổi địa chỉ.")
@click.option("--again", is_flag=True, help="Gửi cả khi thư đã tới địa chỉ cũ.")
@common
def readdress(call: Call, number: int, address: str, by: str, again: bool) -> None:
    """Gửi một thư tới địa chỉ khác, ngay bây giờ; gói chế độ không đổi."""
    from baocao.workflow.mail.mailing import readdress_mail

    call.answer(readdress_mail(call.place, number, address, by=by, as_of=call.as_of_anywhere, again=again))


@mail.command()
@click.argument("address")
@required(by="Người xác nhận địa chỉ vẫn đúng.")
@common
def unbounce(call: Call, address: str, by: str) -> None:
    """Bỏ đánh dấu một địa chỉ từng bị trả thư: lại đôn đốc tới đó."""
    from baocao.workflow.mailbox.bounced import unbounce as run

    call.answer(run(call.place, address, by=by, as_of=call.as_of_anywhere))
