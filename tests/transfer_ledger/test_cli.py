from __future__ import annotations

import datetime as dt
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result
from msgspec.structs import replace

from tests.transfer_ledger.remote import Remote, invoice, missing_vat_code, protocol_for
from transfer_ledger.cli import main
from transfer_ledger.cli.log import log
from transfer_ledger.documents import Partner
from transfer_ledger.ledger import Ledger
from transfer_ledger.schema import STATES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.transfer_ledger.conftest import Clock


def show(url: str, *arguments: str, columns: int = 200) -> Result:
    return CliRunner().invoke(main, ["log", "--ledger", url, *arguments], env={"COLUMNS": str(columns)})


@pytest.fixture
def filled(url: str, clock: Clock) -> str:
    """A ledger with a transfer of each kind, one an hour."""
    ledger, remote = Ledger.open(url, clock), Remote()
    protocol = protocol_for(ledger, remote)
    protocol.offer(invoice(1))
    clock.move(3600)
    protocol.offer(invoice(2, problems=[missing_vat_code()]))
    clock.move(3600)
    protocol.offer(invoice(3, voided=True))
    clock.move(3600)
    remote.script.append("drop")
    protocol.offer(invoice(4))
    clock.move(3600)
    protocol.offer(invoice(1, voided=True))
    ledger.close()
    return url


def documents(result: Result) -> list[str]:
    assert result.exit_code == 0, result.output
    return [word for line in result.output.splitlines() for word in line.split() if word.startswith("2026-00")]


def test_log_shows_each_transfer_with_its_reason(filled: str) -> None:
    """Each line says when, what, whose, how much, in which state, under which number there, and why and what to do."""
    lines = show(filled).output.splitlines()
    failed = next(line for line in lines if "2026-0002" in line)
    assert "Bakkerij 't Hoekje" in failed
    assert "EUR 121.00" in failed
    assert "failed" in failed
    assert "no VAT code. See the setting invoices.vat_codes." in failed
    voided = next(line for line in lines if "2670000" in line and "transferred, attention" in line)
    assert "was voided in the source system" in voided
    assert documents(show(filled))[:3] == ["2026-0002", "2026-0003", "2026-0004"]


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        (["--state", "failed"], ["2026-0002"]),
        (["--state", "skipped", "--state", "unknown"], ["2026-0003", "2026-0004"]),
        (["--state", "open"], ["2026-0002", "2026-0004"]),
        (["--kind", "accounts"], []),
        (["--kind", "sales_invoices", "--state", "skipped"], ["2026-0003"]),
        (["--number", "2026-0003"], ["2026-0003"]),
        (["--number", " 2026-0003 "], ["2026-0003"]),
        (["--number", "2026-000"], []),
        (["--number", "%"], []),
        (["--number", "3"], ["2026-0003"]),
        (["--number", "2026-0003", "--state", "failed"], []),
        (["--limit", "2", "--state", "open", "--state", "skipped"], ["2026-0003", "2026-0004"]),
    ],
)
def test_log_can_be_narrowed(filled: str, arguments: list[str], shown: list[str]) -> None:
    """State, kind, number (the whole of it) and limit choose what is shown; the limit keeps the latest."""
    assert documents(show(filled, *arguments)) == shown


def test_log_finds_a_document_by_what_it_is_called_there(filled: str) -> None:
    """The number in Exact, or our reference to it, finds the one document, which is shown with its own number."""
    for name in ("2670000", "2026-0001"):
        lines = show(filled, "--number", name).output.splitlines()
        assert [line for line in lines if "EUR" in line] == [line for line in lines if "2026-0001" in line]
        assert len([line for line in lines if "EUR" in line]) == 1


def test_log_shows_what_waits_for_a_person(filled: str) -> None:
    """Transferred documents with an open question are found by asking for attention."""
    output = show(filled, "--state", "attention").output
    assert "was voided" in output
    assert "2026-0002" not in output


def test_log_can_begin_at_a_moment(filled: str, clock: Clock) -> None:
    """A moment in local time leaves out what changed before it."""
    moment = (clock.now - dt.timedelta(minutes=90)).astimezone().strftime("%Y-%m-%dT%H:%M:%S")
    assert documents(show(filled, "--since", moment, "--state", "open")) == ["2026-0004"]


def test_shortened_log_says_so(filled: str) -> None:
    """A log that is cut to its latest lines says how many there are, and a limit of 0 shows all."""
    assert "The last 1 of 4; --limit 0 shows all." in show(filled, "--limit", "1").output
    assert "--limit 0 shows all" not in show(filled, "--limit", "0").output


def test_empty_log_says_so(new_url: Callable[[], str]) -> None:
    """An empty ledger and an empty choice are told apart."""
    url = new_url()
    Ledger.open(url).close()
    assert show(url).output == "The ledger holds no transfers yet.\n"
    assert show(url, "--state", "failed").output == "No transfers match.\n"


def test_absent_ledger_is_said_and_not_made(tmp_path: Path) -> None:
    """Asking for the log of a ledger that is not there is an error that names the file, and makes none."""
    result = show(f"sqlite:///{tmp_path / 'none.db'}")
    assert result.exit_code == 1
    assert f"There is no ledger at {tmp_path / 'none.db'}" in result.output
    assert "--ledger or TRANSFERS_LEDGER_URL" in result.output
    assert list(tmp_path.iterdir()) == []


def test_ledger_comes_from_the_environment(filled: str) -> None:
    """Without --ledger, the variable TRANSFERS_LEDGER_URL names the ledger."""
    result = CliRunner().invoke(main, ["log"], env={"TRANSFERS_LEDGER_URL": filled, "COLUMNS": "200"})
    assert "2026-0002" in result.output


@pytest.mark.parametrize("columns", [20, 80, 119, 120, 240])
def test_nothing_is_cut_whatever_the_width(new_sqlite: Callable[[], str], columns: int) -> None:
    """However narrow the terminal, every character of a long reason is shown."""
    url = new_sqlite()
    ledger = Ledger.open(url)
    problem = replace(missing_vat_code(), message="".join(f"<{number:03}>" for number in range(200)), setting=None)
    protocol_for(ledger, Remote()).offer(invoice(problems=[problem]))
    ledger.close()
    lines = show(url, columns=columns).output.splitlines()
    beside = (line.rpartition("│")[2].strip() for line in lines if "│" in line)
    below = (line.strip() for line in lines if line.startswith("    "))
    assert "".join(beside if columns >= 120 else below) == f"{problem.message}."


def test_data_is_shown_as_it_is(new_sqlite: Callable[[], str]) -> None:
    """Markup, escapes and line breaks in a name are shown, not obeyed."""
    url = new_sqlite()
    ledger = Ledger.open(url)
    customer = Partner(id="7", name="[red]Bakker[/red] \x1b[2J\n[link=http://x]y[/link]")
    protocol_for(ledger, Remote()).offer(invoice(customer=customer))
    ledger.close()
    output = show(url, columns=400).output
    assert r"[red]Bakker[/red] \x1b[2J [link=http://x]y[/link]" in output
    assert "\x1b" not in output


def test_several_administrations_are_told_apart(new_sqlite: Callable[[], str]) -> None:
    """The administration has a column of its own when there is more than one."""
    url = new_sqlite()
    ledger, remote = Ledger.open(url), Remote()
    protocol_for(ledger, remote).offer(invoice(1))
    assert "Administration" not in show(url).output
    protocol_for(ledger, remote, administration="7654321").offer(invoice(2))
    ledger.close()
    assert "Administration" in show(url).output
    assert "7654321" in show(url).output


def test_amount_is_not_rounded(new_sqlite: Callable[[], str]) -> None:
    """An amount with more than two decimals is shown with all of them."""
    url = new_sqlite()
    ledger = Ledger.open(url)
    document = invoice()
    document.totals.gross *= 10_000
    document.totals.gross += document.totals.gross / 10**10
    protocol_for(ledger, Remote()).offer(document)
    ledger.close()
    assert "EUR 1,210,000.000121" in show(url).output


def test_piped_log_has_no_colour_and_room(filled: str) -> None:
    """In a pipe the log has no escape codes and is wide enough for reasons to be read."""
    command = [sys.executable, "-m", "transfer_ledger", "log", "--ledger", filled]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env={"LC_ALL": "C.UTF-8"})
    assert "\x1b" not in done.stdout
    assert "no VAT code. See the setting invoices.vat_codes." in done.stdout


def test_help_names_every_state_and_option() -> None:
    """The help of the log names each state that can be asked for, and each option explains itself."""
    text = CliRunner().invoke(main, ["log", "--help"], env={"COLUMNS": "200"}).output
    assert all(state in text for state in STATES)
    assert all(getattr(option, "help", None) for option in log.params)
