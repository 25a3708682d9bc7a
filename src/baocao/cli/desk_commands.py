"""`baocao desk`: the desk alone, for an office without Airflow or a person at this machine."""

from __future__ import annotations

import ipaddress

import click

from baocao.cli.call import Call, common, os_user
from baocao.cli.commands import main
from baocao.settings import ConfigurationError


@main.command()
@click.option("--host", default="127.0.0.1", help="Địa chỉ nghe; ngoài máy này chỉ khi có --sso-header.")
@click.option("--port", default=8081, type=click.IntRange(0, 65535), help="Cổng.")
@click.option("--as", "name", help="Người dùng bàn làm việc, khi tài khoản máy được nhiều người ủy quyền.")
@click.option("--sso-header", help="Tên header mà reverse proxy ghi người đã đăng nhập, ví dụ X-Remote-User.")
@click.option("--proxy", default="127.0.0.1", help="Địa chỉ reverse proxy được tin; header từ nơi khác bị bỏ qua.")
@common
def desk(call: Call, host: str, port: int, name: str | None, sso_header: str | None, proxy: str) -> None:
    """Mở bàn làm việc (trang web) không cần Airflow; dừng bằng Ctrl+C."""
    import uvicorn

    from baocao.web.desk.app import Desk, build_app
    from baocao.web.desk.who import LocalLogin, behind_proxy

    file = call.place.settings.people_file
    # Behind a proxy the people file says who may do what; without it anybody who passes the proxy could sign.
    if sso_header:
        if not file.is_file():
            raise ConfigurationError(f"--sso-header: cần tệp phân vai {file} (BAOCAO_PEOPLE_FILE) có sso_users")
        identify = behind_proxy(
            file, sso_header, lambda request: request.client is not None and request.client.host == proxy
        )
        app = build_app(Desk(call.place, identify))
    else:
        # Alone, the desk believes that whoever opens the link is the one who started it.
        if not _is_this_machine(host):
            raise ConfigurationError(
                f"--host: {host} mở cho máy khác mà không có đăng nhập; hãy dùng 127.0.0.1, hoặc đặt sau reverse proxy "
                "có đăng nhập và nêu --sso-header"
            )
        # A link for one use: other accounts of this machine can reach the port as well.
        local = LocalLogin(file, os_user(), name)
        app = build_app(Desk(call.place, local.identify), local)
        click.echo(f"Bàn làm việc: mở http://{host}:{port}{local.path} (liên kết dùng một lần)", err=True)
    # The proxy's own words about the client are not taken over: the header above is trusted by the peer's address.
    uvicorn.run(app, host=host, port=port, proxy_headers=False, server_header=False, log_level="warning")


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
