from __future__ import annotations

import platform
from typing import TYPE_CHECKING, Any

import psutil
import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from tests.transfer_ledger.remote import (
    ADMINISTRATION,
    KIND,
    Remote,
    bury,
    die_while,
    history,
    invoice,
    missing_vat_code,
    protocol_for,
    row,
)
from transfer_ledger.cli import main
from transfer_ledger.documents import Problem
from transfer_ledger.exceptions import Awaited, Rejected, Unanswered
from transfer_ledger.ledger import utc_now
from transfer_ledger.people import Person
from transfer_ledger.protocol import WriteProtocol
from transfer_ledger.receipts import Found, Prepared, Receipt, Receipts, Step
from transfer_ledger.report.trail import read_page
from transfer_ledger.schema import runs

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from transfer_ledger.documents import SalesInvoice
    from transfer_ledger.ledger import Ledger


class Folder:
    """A receiving system that takes files and tells later, if ever, what became of each document in them."""

    def __init__(self) -> None:
        self.files: list[str] = []
        self.told: dict[str, str] = {}

    def prepare(self, _: SalesInvoice) -> Prepared:
        """Resolve nothing."""
        return Prepared(customer_id=None)

    def steps(self, document: SalesInvoice, _: Prepared) -> Sequence[Step]:
        """Put it into the folder, then ask what became of it."""

        def put(_: Receipts) -> Receipt:
            self.files.append(document.reference)
            return Receipt(id=f"{document.reference}.xml")

        def find(_: Receipts) -> Receipt | None:
            said = self.told.get(document.reference)
            if said == "refused":
                raise Rejected([Problem(field="file", value="", message="Item unknown")], "Create the item.")
            return None if said is None else Receipt(id=said, number=said)

        def follow(done: Receipts) -> Receipt:
            receipt = find(done)
            if receipt is None:
                raise Awaited("It is in the folder.", "Wait for the importer.")
            return receipt

        return [
            Step(name="file", find=lambda _: None, write=put, precedes=True),
            Step(name="create", find=find, write=follow),
        ]

    def scan(self) -> Iterable[Found]:
        """Tell nothing of what there is."""
        return ()

    def web_url(self, *_: object) -> None:
        """Know no link."""


@pytest.fixture
def folder() -> Folder:
    return Folder()


@pytest.fixture
def protocol(ledger: Ledger, folder: Folder) -> WriteProtocol:
    return WriteProtocol(ledger, ledger.runs.begin(ADMINISTRATION, "target-test"), KIND, folder)


def confirm(ledger: Ledger, *arguments: str) -> Result:
    url = ledger.engine.url.render_as_string(hide_password=False)
    return CliRunner().invoke(main, ["confirm", "--ledger", url, *arguments])


def test_what_is_handed_over_stays_open(ledger: Ledger, folder: Folder, protocol: WriteProtocol) -> None:
    """A document in a file is sent, open, and is not put into another file on any later run."""
    for _ in range(3):
        outcome = protocol.offer(invoice())
        assert (outcome.state, outcome.settled, outcome.stop) == ("sent", False, None)
    assert folder.files == ["2026-0001"]
    assert history(ledger) == ["handed over"]
    assert "It is in the folder" in outcome.reason


def test_it_is_settled_once_the_receiver_says_so(ledger: Ledger, folder: Folder, protocol: WriteProtocol) -> None:
    """What the receiving system tells later becomes the receipt."""
    protocol.offer(invoice())
    folder.told["2026-0001"] = "20260117"
    assert protocol.offer(invoice()).result == "transferred"
    assert row(ledger, invoice()).receipt == Receipt(id="20260117", number="20260117")
    assert protocol.offer(invoice()).result == "present"
    assert folder.files == ["2026-0001"]


def test_what_was_refused_goes_again(ledger: Ledger, folder: Folder, protocol: WriteProtocol) -> None:
    """A document that the importer refused has failed, and goes into a new file on the next run."""
    protocol.offer(invoice())
    folder.told["2026-0001"] = "refused"
    outcome = protocol.offer(invoice())
    assert (outcome.state, outcome.reason, outcome.advice) == ("failed", "Item unknown", "Create the item.")
    assert row(ledger, invoice()).steps == {}
    del folder.told["2026-0001"]
    assert protocol.offer(invoice()).state == "sent"
    assert folder.files == ["2026-0001"] * 2


@pytest.mark.parametrize(
    "changes", [{"problems": [missing_vat_code()]}, {"skip": "Left out."}, {"voided": True}, {"description": "new"}]
)
def test_it_is_not_sent_again_whatever_it_says_now(
    folder: Folder, protocol: WriteProtocol, changes: dict[str, Any]
) -> None:
    """A change, a void or a setting does not decide about a document that may be there."""
    protocol.offer(invoice())
    assert protocol.offer(invoice(**changes)).state == "sent"
    assert folder.files == ["2026-0001"]


def test_a_void_counts_once_it_is_there(ledger: Ledger, folder: Folder, protocol: WriteProtocol) -> None:
    """A document voided while it was under way is reported when it turns out to have arrived."""
    protocol.offer(invoice())
    folder.told["2026-0001"] = "20260117"
    outcome = protocol.offer(invoice(voided=True))
    assert (outcome.state, outcome.attention) == ("transferred", True)
    assert [problem.field for problem in row(ledger, invoice()).problems] == ["voided"]


def test_an_error_of_another_kind_leaves_it_sent(
    folder: Folder, protocol: WriteProtocol, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When nobody can be asked, what was handed over stays so."""

    def fail(_: SalesInvoice) -> Prepared:
        raise Unanswered("No answer.")

    protocol.offer(invoice())
    monkeypatch.setattr(folder, "prepare", fail)
    assert protocol.offer(invoice()).state == "sent"


def test_a_person_confirms(ledger: Ledger, folder: Folder, protocol: WriteProtocol) -> None:
    """`transfers confirm` settles a document, under its number there when that is known."""
    protocol.offer(invoice(1))
    protocol.offer(invoice(2))
    said = confirm(ledger, "2026-0001", "--received-as", "20260117")
    assert (said.exit_code, said.output) == (0, "2026-0001: transferred.\n")
    assert confirm(ledger, "2").exit_code == 0
    assert [protocol.offer(invoice(number)).result for number in (1, 2)] == ["present", "present"]
    assert history(ledger) == ["handed over", "handed over", "confirmed", "confirmed"]
    assert folder.files == ["2026-0001", "2026-0002"]


def test_what_a_person_says_at_a_terminal_stands_in_the_trail(
    ledger: Ledger, protocol: WriteProtocol, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who, when, what and which document are written down with the decision; a refusal changes nothing.

    The name is that of the operating system, whatever the environment says.
    """
    for name in ("LOGNAME", "USER", "USERNAME"):
        monkeypatch.setenv(name, "the director")
    for number in (1, 2):
        protocol.offer(invoice(number))
    with ledger.engine.connect() as connection:
        before = connection.execute(sa.select(sa.func.count()).select_from(runs)).scalar_one()
    confirm(ledger, "2026-0001", "--received-as", " 20260117 ")
    confirm(ledger, "2026-0002", "--received-as", "20260117")
    confirm(ledger, "2026-0002", "--not-there")
    trail, _ = read_page(ledger.engine)
    assert [(each.action, each.number, each.detail) for each in reversed(trail)] == [
        ("confirmed", "2026-0001", "20260117"),
        ("released", "2026-0002", ""),
    ]
    assert {each.who for each in trail} == {f"{psutil.Process().username()}@{platform.node()}"}
    assert trail[1].at <= trail[0].at <= utc_now()
    with ledger.engine.connect() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(runs)).scalar_one() == before


def test_what_a_killed_run_was_sending_can_be_confirmed(ledger: Ledger) -> None:
    """A person may say what became of it once its run is dead; while the run lives it is left to that."""
    remote, document = Remote(), invoice(1)
    die_while(ledger, remote, document, "kill_after")
    transfer = row(ledger, document)
    transfer.state = "sending"
    ledger.save(transfer, ledger.runs.begin(ADMINISTRATION, "target"))
    assert "It is being sent at this moment" in confirm(ledger, "2026-0001", "--not-there").output
    assert row(ledger, document).state == "sending"
    bury(ledger)
    assert confirm(ledger, "2026-0001", "--received-as", "7").output == "2026-0001: transferred.\n"
    assert protocol_for(ledger, remote).offer(document).result == "present"


def test_a_number_that_was_found_there_belongs_to_its_document(ledger: Ledger, protocol: WriteProtocol) -> None:
    """A number that the receiving system gave with a key of its own cannot be said of another document."""
    protocol.offer(invoice(1))
    protocol.offer(invoice(2))
    found = row(ledger, invoice(1))
    found.state, found.receipt = "transferred", Receipt(id="guid-1", number="60000001")
    found.steps["header"] = found.receipt
    ledger.save(found, Person("anna"))
    assert (
        "Another transfer was received as 60000001" in confirm(ledger, "2026-0002", "--received-as", "60000001").output
    )
    assert row(ledger, invoice(2)).state == "sent"


def test_a_person_says_that_it_is_not_there(ledger: Ledger, folder: Folder, protocol: WriteProtocol) -> None:
    """After `--not-there` a document is written again when it is offered next."""
    protocol.offer(invoice())
    assert confirm(ledger, "2026-0001", "--not-there").exit_code == 0
    assert row(ledger, invoice()).state == "failed"
    assert protocol.offer(invoice()).state == "sent"
    assert folder.files == ["2026-0001"] * 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["2026-0009"], "No transfer 2026-0009 was sent without being settled"),
        (["2026-0001", "2026-0002", "--received-as", "7"], "for one document that is there"),
        (["2026-0001", "--not-there", "--received-as", "7"], "for one document that is there"),
        (["2026-0001", "--kind", "accounts"], "No transfer 2026-0001"),
    ],
)
def test_what_cannot_be_confirmed(ledger: Ledger, protocol: WriteProtocol, arguments: list[str], said: str) -> None:
    """A name that fits nothing, and orders that contradict themselves, change nothing."""
    protocol.offer(invoice(1))
    protocol.offer(invoice(2))
    answer = confirm(ledger, *arguments)
    assert answer.exit_code != 0
    assert said in answer.output
    assert [row(ledger, invoice(number)).state for number in (1, 2)] == ["sent", "sent"]


def test_a_number_belongs_to_one_document(ledger: Ledger, protocol: WriteProtocol) -> None:
    """A number that another transfer was received as is refused, and names both."""
    protocol.offer(invoice(1))
    protocol.offer(invoice(2))
    confirm(ledger, "2026-0001", "--received-as", "7")
    answer = confirm(ledger, "2026-0002", "--received-as", "7")
    assert answer.exit_code == 1
    assert "Another transfer was received as 7 already." in answer.output
    assert row(ledger, invoice(2)).state == "sent"
