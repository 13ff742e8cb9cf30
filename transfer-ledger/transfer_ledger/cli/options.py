"""The options that several commands share."""

from __future__ import annotations

import platform
from typing import IO, Any
from urllib.parse import urlsplit

import click
import psutil
import yaml

from transfer_ledger.exceptions import LedgerError, StopRun
from transfer_ledger.ledger import Ledger
from transfer_ledger.people import Person
from transfer_ledger.summary import printable, sentences

ledger_option = click.option(
    "--ledger",
    "url",
    envvar="TRANSFERS_LEDGER_URL",
    default="sqlite:///transfers.db",
    show_envvar=True,
    help="Database URL of the ledger, the setting ledger_url of the targets.  [default: sqlite:///transfers.db]",
)

language_option = click.option(
    "--language",
    type=click.Choice(["en", "nl"]),
    envvar="TRANSFERS_LANGUAGE",
    default="en",
    show_default=True,
    show_envvar=True,
    help="English, or Dutch with dates and amounts as in the Netherlands.",
)


def _web_address(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    """Refuse what no browser may follow from a mail or a report."""
    if not value:
        return None
    try:
        parts = urlsplit(value)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in {"http", "https"} or not parts.hostname or not value.isprintable() or " " in value:
        raise click.BadParameter(f"{printable(value)!r} is no web address, such as https://log.example.")
    return value


page_url_option = click.option(
    "--page-url",
    callback=_web_address,
    envvar="TRANSFERS_PAGE_URL",
    show_envvar=True,
    help="Address of the page, so that each document can be opened there.",
)
exit_code_option = click.option(
    "--exit-code",
    type=int,
    help="What the job answered, $? after it: so a run is reported that failed before anything could be written down.",
)


def refusal(error: LedgerError) -> click.ClickException:
    """Return what a terminal is told: message and advice, their lines kept and nothing in them obeyed."""
    return click.ClickException("\n".join(map(printable, sentences(error.message, error.advice).splitlines())))


def opened(url: str) -> Ledger:
    """Open a ledger that is there.

    Raises:
        click.ClickException: it cannot be used; the message says why.
    """
    try:
        return Ledger.open(url, create=False)
    except StopRun as error:
        raise refusal(error) from None


def at_terminal() -> Person:
    """Return who gave this command: the operating system's user, whatever the environment says, and the machine."""
    return Person(f"{psutil.Process().username()}@{platform.node()}")


settings_option = click.option(
    "--settings",
    "file",
    type=click.File("rb"),
    help="The mapper's settings: YAML or JSON, or the meltano.yml they stand in.",
)
mapping_option = click.option("--mapping", help="Name of the mapping, when a meltano.yml holds several.")


def settings_of(file: IO[bytes], mapping: str | None) -> dict[str, Any]:
    """Return the mapper's settings from a settings file, or from the mapping of a ``meltano.yml``.

    Raises:
        click.ClickException: it is no such file, or holds no mapping of that name, or several and none was named.
    """
    try:
        read = yaml.safe_load(file)
    except yaml.YAMLError as error:
        raise click.ClickException(f"{file.name} is no YAML: {error}") from None
    if not isinstance(read, dict):
        raise click.ClickException(f"{file.name} holds no settings")
    if "plugins" not in read:
        return read
    mappers = read["plugins"].get("mappers", [])
    configs = {row["name"]: row["config"] for mapper in mappers for row in mapper.get("mappings", [])}
    names = [name for name in configs if mapping in (name, None)]
    if len(names) != 1:
        raise click.ClickException(f"name one of the mappings with --mapping: {', '.join(configs) or 'there are none'}")
    config: dict[str, Any] = configs[names[0]]
    return config
