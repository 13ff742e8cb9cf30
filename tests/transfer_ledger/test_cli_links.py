from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from tests.transfer_ledger.receiver import EXACT, Parties, Receiver, account, run
from transfer_ledger.cli import main
from transfer_ledger.documents import Address
from transfer_ledger.ledger import Ledger
from transfer_ledger.parties.held import as_row, kept
from transfer_ledger.report.trail import read_page

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class Office:
    """The commands over a ledger of its own, and runs of the accounts job."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.receiver = Receiver()

    def run(self, *numbers: int) -> dict[str, str]:
        """Offer companies, as the job does, and return the state of each."""
        ledger = Ledger.open(self.url)
        kept(ledger, EXACT).replace([as_row(held) for held in self.receiver.rows.values()], None)
        outcomes = run(ledger, Parties(ledger, self.receiver), *(account(number) for number in numbers))
        ledger.close()
        return {key: outcome.state for key, outcome in outcomes.items()}

    def say(self, *words: str, code: int = 0) -> str:
        """Call a command and return what it said."""
        done = CliRunner().invoke(main, ["links", words[0], "--ledger", self.url, *words[1:]], env={"COLUMNS": "200"})
        assert done.exit_code == code, done.output
        return done.output


@pytest.fixture
def office(new_sqlite: Callable[[], str]) -> Office:
    """Three companies of which the first two have an account under other codes."""
    office = Office(new_sqlite())
    for number in (0, 1):
        office.receiver.put(account(number, code=f"9900{number}"), f"old-{number}")
    assert office.run(0, 1, 2) == {"0": "failed", "1": "failed", "2": "transferred"}
    return office


def test_candidates_are_listed_with_their_reasons(office: Office) -> None:
    """A person sees each candidate with both names and why, and the counts of a fresh comparison."""
    listed = office.say("list", "--state", "proposed")
    assert "D00001 Bakkerij Van Vliet B.V." in listed
    assert "99001 Bakkerij Van Vliet B.V." in listed
    assert "2 companies are not linked" in office.say("propose")


def test_the_likeliest_company_is_listed_first(office: Office) -> None:
    """Each proposal says how alike both are and what speaks against it; the easiest to decide come first."""
    office.receiver.put(account(0, code="99009", vat_number=None, phone=None, address=Address(city="Goes")), "old-9")
    office.run(0, 1, 2)
    rows = [line for line in office.say("list", "--state", "proposed").splitlines() if " % " in line]
    assert [line.split()[0] for line in rows] == ["D00001", "D00000", "D00000"]
    assert "the company has 1 other candidate" in " ".join(office.say("list").split())


def test_a_confirmed_pair_is_used_by_the_next_run(office: Office) -> None:
    """Named by id or by code, a confirmed pair is linked, and no account is created for it."""
    assert "confirmed" in office.say("confirm", "1", "99001")
    assert "confirmed" in office.say("confirm", "D00000", "old-0")
    assert set(office.run(0, 1, 2).values()) == {"transferred"}
    assert sorted(office.receiver.rows) == ["guid-3", "old-0", "old-1"]


def test_a_rejected_pair_lets_the_company_have_its_own_account(office: Office) -> None:
    """After a rejection the company is created, and the other account stays as it is."""
    office.say("reject", "1", "old-1")
    before = office.receiver.rows["old-1"]
    assert office.run(1) == {"1": "transferred"}
    assert office.receiver.rows["old-1"] == before
    assert len(office.receiver.rows) == 4


def test_a_person_may_order_a_new_account_in_spite_of_candidates(office: Office) -> None:
    """`create` says that there is none yet, whatever looks alike."""
    assert "Bakkerij Van Vliet B.V. is created by the next run" in office.say("create", "D00001")
    assert office.run(1) == {"1": "transferred"}


def test_an_ended_link_is_compared_anew_and_not_relinked(office: Office) -> None:
    """Ending a link changes nothing on either side; the pair becomes a proposal again."""
    office.say("confirm", "1", "old-1")
    office.run(1)
    writes = len(office.receiver.writes)
    assert "ended" in office.say("end", "D00001")
    assert office.run(1) == {"1": "failed"}
    assert len(office.receiver.writes) == writes


def test_decisions_come_back_from_a_spreadsheet(office: Office, tmp_path: Path) -> None:
    """What a person writes beside the pairs is carried out whole; a file with a mistake changes nothing."""
    file = tmp_path / "links.csv"
    assert "candidates of 2 companies" in office.say("export", str(file))
    rows = list(csv.reader(file.read_text("utf-8-sig").splitlines(), delimiter=";"))
    decision = rows[0].index("decision")

    def write(*verdicts: str) -> None:
        for row, verdict in zip(rows[1:], verdicts, strict=False):
            row[decision] = verdict
        with file.open("w", newline="") as out:
            csv.writer(out, delimiter=";").writerows(rows)

    write("confirm", "perhaps")
    assert 'line 3: the decision is "perhaps"' in office.say("import", str(file), code=1)
    assert "proposed" not in office.say("list", "--state", "refused")
    write("confirm", "reject")
    assert "1 confirmed, 1 rejected" in office.say("import", str(file))


def test_what_is_decided_about_links_stands_in_the_trail(office: Office, tmp_path: Path) -> None:
    """Each decision of each command is written down with who and which pair; what is refused or not new is not."""
    file = tmp_path / "links.csv"
    office.say("export", str(file))
    office.say("confirm", "1", "old-1")
    office.say("confirm", "1", "old-1")
    office.say("confirm", "1", "old-0", code=1)
    rows = list(csv.reader(file.read_text("utf-8-sig").splitlines(), delimiter=";"))
    rows[1][rows[0].index("decision")] = "reject" if "D00000" in rows[1] else ""
    rows[2][rows[0].index("decision")] = "reject" if "D00000" in rows[2] else ""
    with file.open("w", newline="") as out:
        csv.writer(out, delimiter=";").writerows(rows)
    office.say("import", str(file))
    office.say("create", "D00000")
    office.say("end", "D00001")
    ledger = Ledger.open(office.url)
    trail = [(each.action, each.detail) for each in reversed(read_page(ledger.engine)[0])]
    ledger.close()
    other = "Bakkerij De Korenaar B.V."
    ours, theirs = "D00001 Bakkerij Van Vliet B.V.", "99001 Bakkerij Van Vliet B.V."
    assert trail == [
        ("confirm link", f"{ours} \N{EN DASH} {theirs} (exact_online/1234567)"),
        ("reject link", f"D00000 {other} \N{EN DASH} 99000 {other} (exact_online/1234567)"),
        ("create link", f"D00000 {other} (exact_online/1234567)"),
        ("end link", f"{ours} \N{EN DASH} {theirs} (exact_online/1234567)"),
    ]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("confirm", "nobody", "old-1"), "There is no company nobody"),
        (("confirm", "1", "guid-3"), "is linked to company"),
        (("end", "1"), "There is no linked company 1"),
    ],
)
def test_what_cannot_be_decided_is_said(office: Office, words: tuple[str, ...], said: str) -> None:
    """A name of nobody, or a pair against a link that is there, is refused with what to do."""
    assert said in office.say(*words, code=1)


def test_a_name_in_a_refusal_is_not_obeyed(office: Office) -> None:
    """What a terminal would obey in a name of either system is spelled out where nothing can be decided."""
    evil = "\x1b[2J\x1b]0;owned\x07Twee\r\u202e"
    for number in (3, 4):
        office.receiver.put(account(number, code="99777", name=evil), f"evil-{number}")
    office.run(0)
    said = office.say("confirm", "0", "99777", code=1)
    assert "Several are called 99777" in said
    assert r"\x1b[2J\x1b]0;owned\x07Twee" in said
    assert not {"\x1b", "\x07", "\r", "\u202e"} & set(said)


def test_what_became_of_linked_parties_is_told(office: Office) -> None:
    """A linked account that is gone is told by name, and nothing is relinked."""
    assert "All links are as they were" in office.say("review")
    office.receiver.rows.pop("guid-3")
    office.run()
    ledger = Ledger.open(office.url)
    kept(ledger, EXACT).replace([as_row(held) for held in office.receiver.rows.values()], None)
    ledger.close()
    assert "absent: account D00002" in office.say("review")


def test_an_empty_ledger_says_what_to_do(new_sqlite: Callable[[], str]) -> None:
    """Before the first run there is nothing to link, and the command says so."""
    assert "Run accounts-to-exact-online once" in Office(new_sqlite()).say("list", code=1)
