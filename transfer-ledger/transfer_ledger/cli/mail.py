"""``transfers mail``: the report by mail."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from transfer_ledger.cli.options import exit_code_option, language_option, ledger_option, opened, page_url_option
from transfer_ledger.ledger import utc_now
from transfer_ledger.mail import POLICIES, PORTS, Policy, Post, Unsendable, alone, mail
from transfer_ledger.wording import Words

if TYPE_CHECKING:
    from transfer_ledger.causes import Language

ADDRESS = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+")
PASSWORD = "TRANSFERS_SMTP_PASSWORD"  # noqa: S105 - the name of the variable


def _addresses(_: click.Context, __: click.Parameter, value: tuple[str, ...]) -> list[str]:
    found = [each for text in value for each in re.split(r"[,;\s]+", text) if each]
    for each in found:
        if not ADDRESS.fullmatch(each):
            raise click.BadParameter(f"{each!r} is no e-mail address.")
    return found


def _address(context: click.Context, parameter: click.Parameter, value: str) -> str:
    (found,) = _addresses(context, parameter, (value,)) or [""]
    return found


@click.command(name="mail")
@ledger_option
@language_option
@click.option("--to", "recipients", multiple=True, required=True, envvar="TRANSFERS_MAIL_TO", show_envvar=True,
              callback=_addresses, help="Address to send to; may be given more than once.")  # fmt: skip
@click.option("--from", "sender", required=True, envvar="TRANSFERS_MAIL_FROM", show_envvar=True, callback=_address,
              help="Address it comes from.")  # fmt: skip
@click.option("--smtp-host", "host", required=True, envvar="TRANSFERS_SMTP_HOST", show_envvar=True, help="Mail server.")
@click.option("--smtp-port", "port", type=int, envvar="TRANSFERS_SMTP_PORT", show_envvar=True,
              help="Its port.  [default: 587 for starttls, 465 for tls]")  # fmt: skip
@click.option("--smtp-security", "security", type=click.Choice(list(PORTS)), default="starttls", show_default=True,
              envvar="TRANSFERS_SMTP_SECURITY", show_envvar=True,
              help="none: for a server on this machine only.")  # fmt: skip
@click.option("--smtp-user", "user", envvar="TRANSFERS_SMTP_USER", show_envvar=True,
              help=f"Name to sign in with; the password is read from {PASSWORD}.")  # fmt: skip
@click.option("--ca-file", type=click.Path(path_type=Path, exists=True, dir_okay=False),
              envvar="TRANSFERS_SMTP_CA_FILE", show_envvar=True,
              help="Certificates (PEM) to trust besides those of this machine.")  # fmt: skip
@click.option("--when", "policy", type=click.Choice(POLICIES), default="always", show_default=True,
              envvar="TRANSFERS_MAIL_WHEN", show_envvar=True,
              help="At each call; only when something new is to be done; or once a day.")  # fmt: skip
@page_url_option
@exit_code_option
def command(
    url: str,
    language: Language,
    policy: Policy,
    page_url: str | None,
    exit_code: int | None,
    **post: Any,
) -> None:
    """Mail what happened since the last mail: what went over, what did not and why, and what is to be done."""
    ledger = opened(url)
    try:
        with alone(ledger.engine):
            told = mail(
                ledger.engine,
                utc_now,
                Words(language),
                Post(**post, password=os.environ.get(PASSWORD)),
                policy,
                exit_code=exit_code,
                page_url=page_url,
            )
    except Unsendable as error:
        raise click.ClickException(str(error)) from None
    except ImportError as error:
        raise click.ClickException(f"{error}. Install transfer-ledger[page].") from None
    finally:
        ledger.close()
    click.echo("Nothing to mail." if told is None else f"Mailed to {', '.join(post['recipients'])}.")
