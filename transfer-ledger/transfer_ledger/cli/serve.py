"""``transfers serve``: the page."""

from __future__ import annotations

import ipaddress
import logging
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click
import msgspec

from transfer_ledger.cli.options import at_terminal, language_option, ledger_option, opened, page_url_option, refusal
from transfer_ledger.exceptions import StopRun
from transfer_ledger.ledger import utc_now

if TYPE_CHECKING:
    from transfer_ledger.causes import Language

LOCAL_NAMES = ["127.0.0.1", "localhost", "[::1]"]


class Serving(msgspec.Struct, kw_only=True, frozen=True):
    """Where and how the page is served."""

    host: str
    port: int
    users: Path | None
    certificate: Path | None
    key: Path | None
    page_url: str | None
    behind_proxy: bool

    @property
    def local(self) -> bool:
        """Whether only this machine reaches it."""
        return _loopback(self.host) and not self.behind_proxy

    @property
    def secure(self) -> bool:
        """Whether browsers reach it by https."""
        return self.certificate is not None or self.behind_proxy

    @property
    def names(self) -> list[str]:
        """The names by which browsers may ask for it: a name that leads here from elsewhere is no reason to answer."""
        named = urlsplit(self.page_url or "").hostname
        return [name for name in (*LOCAL_NAMES, named) if name]

    def check(self) -> None:
        """Refuse to show the page to other machines without a password and TLS.

        Raises:
            click.UsageError: something is missing; the message says what.
        """
        if bool(self.certificate) != bool(self.key):
            raise click.UsageError("--tls-certificate and --tls-key belong together.")
        if self.local:
            return
        if self.users is None:
            raise click.UsageError(
                "Other machines see the page only with a password: make a users file with `transfers user NAME`, and "
                "give it with --users."
            )
        if not self.secure:
            raise click.UsageError(
                "Other machines see the page only by https: give --tls-certificate and --tls-key, or "
                "--behind-tls-proxy when a web server in front of it does that."
            )
        if not self.page_url or urlsplit(self.page_url).scheme != "https":
            raise click.UsageError(
                "Give --page-url, the https address that people type in, such as https://log.example."
            )


@click.command()
@ledger_option
@language_option
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8770, show_default=True, help="Port to listen on.")
@click.option(
    "--users", type=click.Path(path_type=Path, exists=True, dir_okay=False), envvar="TRANSFERS_USERS", show_envvar=True,
    help="File with those who may sign in; `transfers user` writes it. Without it, all on this machine may act.",
)  # fmt: skip
@click.option(
    "--tls-certificate", "certificate", type=click.Path(path_type=Path, exists=True), help="Certificate (PEM)."
)
@click.option("--tls-key", "key", type=click.Path(path_type=Path, exists=True), help="Its private key (PEM).")
@page_url_option
@click.option("--behind-tls-proxy", "behind_proxy", is_flag=True, help="A web server in front of it speaks https.")
def serve(url: str, language: Language, **options: Any) -> None:
    """Show what was transferred on a page, by default for this machine only."""
    serving = Serving(**options)
    serving.check()
    try:
        import uvicorn  # noqa: PLC0415

        from transfer_ledger.page import app  # noqa: PLC0415
    except ImportError as error:
        raise click.ClickException(f"{error}. Install transfer-ledger[page].") from None
    _check_users(serving.users)
    ledger = opened(url)
    made = app.Options(
        hosts=serving.names,
        secret=secrets.token_hex(32),
        local=at_terminal().name,
        users=serving.users,
        secure=serving.secure,
        language=language,
    )
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    address = serving.page_url or f"http://localhost:{serving.port}/"
    click.echo(f"The page is at {address}; Ctrl-C ends it.", err=True)
    uvicorn.run(
        app.make(ledger.engine, made, utc_now),
        host=serving.host,
        port=serving.port,
        ssl_certfile=serving.certificate,
        ssl_keyfile=serving.key,
        access_log=False,  # addresses hold what people searched for
        server_header=False,
        proxy_headers=False,
        log_config=None,
        log_level="warning",
    )


def _check_users(path: Path | None) -> None:
    from transfer_ledger.page.access import read_users  # noqa: PLC0415

    try:
        known = None if path is None else read_users(path)
    except StopRun as error:
        raise refusal(error) from None
    if known == {}:
        raise click.ClickException(f"Nobody stands in {path}; `transfers user NAME` adds someone.")


def _loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
