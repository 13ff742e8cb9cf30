"""What people decide, and that runs respect it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest
import sqlalchemy as sa

from tests.transfer_ledger.remote import (
    Remote,
    bury,
    die_while,
    history,
    invoice,
    missing_vat_code,
    protocol_for,
    row,
)
from transfer_ledger import people
from transfer_ledger.confirmation import Undecidable
from transfer_ledger.documents import Totals
from transfer_ledger.exceptions import Taken
from transfer_ledger.people import DECISIONS, Person, transfer_of
from transfer_ledger.schema import actions, listing

if TYPE_CHECKING:
    from transfer_ledger.documents import SalesInvoice
    from transfer_ledger.ledger import Ledger
    from transfer_ledger.transfers import Transfer

ANNA = Person("anna")


@pytest.fixture
def remote() -> Remote:
    return Remote()


def decide(ledger: Ledger, document: SalesInvoice, action: str, said: str = "") -> Transfer:
    """Let Anna decide about a document as it stands."""
    seen = row(ledger, document)
    assert seen.id is not None
    DECISIONS[action](ledger, ANNA, transfer_of(ledger, seen.id, seen.version), said)
    return row(ledger, document)


def trail(ledger: Ledger) -> list[tuple[str, str, str]]:
    with ledger.engine.connect() as connection:
        columns = (actions.c.who, actions.c.action, actions.c.detail)
        return [(who, action, detail) for who, action, detail in connection.execute(sa.select(*columns))]


def standing(ledger: Ledger) -> str:
    with ledger.engine.connect() as connection:
        return str(connection.execute(sa.select(listing.c.standing)).scalar_one())


def failed(ledger: Ledger, remote: Remote) -> SalesInvoice:
    document = invoice(problems=[missing_vat_code()])
    protocol_for(ledger, remote).offer(document)
    return document


def test_dismissed_stays_dismissed_until_it_is_retried(ledger: Ledger, remote: Remote) -> None:
    """Unchanged or changed, mended or not, it is left alone; after a retry it goes over like any other."""
    document = failed(ledger, remote)
    after = decide(ledger, document, "dismiss", "Booked by hand as 26700999")
    assert (after.state, after.dismissed_by, after.reason) == ("skipped", "anna", "Booked by hand as 26700999")
    mended = invoice()
    changed = invoice(totals=Totals(net=1, vat=0, gross=1))  # type: ignore[arg-type]
    for offered in (document, mended, changed):
        outcome = protocol_for(ledger, remote).offer(offered)
        assert (outcome.result, outcome.settled) == ("present", True)
    assert protocol_for(ledger, remote).refuse(document.source, missing_vat_code()).settled
    assert remote.held == {}
    assert ledger.open_sources("1234567", "sales_invoices") == []
    assert decide(ledger, document, "retry").state == "pending"
    assert len(ledger.open_sources("1234567", "sales_invoices")) == 1
    assert protocol_for(ledger, remote).offer(mended).state == "transferred"
    assert len(remote.held) == 1
    assert row(ledger, document).dismissed_by is None
    assert trail(ledger) == [("anna", "dismissed", "Booked by hand as 26700999"), ("anna", "retried", "")]


def test_retried_is_offered_again(ledger: Ledger, remote: Remote) -> None:
    """A failed document that is retried waits, without its old problems, and keeps its place among the open ones."""
    document = failed(ledger, remote)
    after = decide(ledger, document, "retry")
    assert (after.state, after.problems, after.run_id) == ("pending", [], "person anna")
    assert standing(ledger) == "pending"
    assert history(ledger) == ["failed", "retried"]


def test_refused_write_is_looked_up_before_it_is_sent_again(ledger: Ledger, remote: Remote) -> None:
    """A retry forgets nothing: what the receiving system refused and kept all the same is found, not sent twice."""
    remote.script.append("lie")
    protocol_for(ledger, remote).offer(invoice())
    decide(ledger, invoice(), "retry")
    assert protocol_for(ledger, remote).offer(invoice()).result == "adopted"
    assert len(remote.held) == 1


def test_dismissing_what_is_there_gives_up_the_rest(ledger: Ledger, remote: Remote) -> None:
    """An invoice that is there, and of which the printing failed, stays transferred and is not offered again."""
    document = invoice(definitive=True)
    remote.script.extend(["answer", "refuse"])
    assert protocol_for(ledger, remote).offer(document).state == "failed"
    after = decide(ledger, document, "dismiss", "Printed by hand")
    assert (after.state, after.dismissed_by, after.problems) == ("transferred", None, [])
    assert protocol_for(ledger, remote).offer(document).result == "present"


def test_settled_questions_are_not_asked_again(ledger: Ledger, remote: Remote) -> None:
    """A voided invoice that a person dealt with stays quiet, however often it is offered."""
    document = invoice()
    protocol_for(ledger, remote).offer(document)
    voided = invoice(voided=True)
    assert protocol_for(ledger, remote).offer(voided).attention
    after = decide(ledger, document, "settle", "Credited by hand")
    assert (after.problems, after.reason, len(after.answered)) == ([], "", 1)
    assert standing(ledger) == "transferred"
    assert not protocol_for(ledger, remote).offer(voided).attention
    assert row(ledger, document).problems == []
    assert trail(ledger) == [("anna", "answered", "Credited by hand")]


def test_confirmed_document_is_not_sent_again(ledger: Ledger, remote: Remote) -> None:
    """What a person found there, under its number, is transferred, though the system would not find it."""
    remote.script.append("drop")
    document = invoice()
    protocol_for(ledger, remote).offer(document)
    after = decide(ledger, document, "confirm", "26700042")
    assert after.receipt is not None
    assert (after.state, after.receipt.number, after.receipt.adopted) == ("transferred", "26700042", True)
    assert protocol_for(ledger, remote).offer(document).result == "present"
    assert remote.held == {}


def test_number_of_another_document_is_refused(ledger: Ledger, remote: Remote) -> None:
    """One document of the receiving system is not two of ours."""
    protocol_for(ledger, remote).offer(invoice(1))
    remote.script.append("drop")
    protocol_for(ledger, remote).offer(invoice(2))
    with pytest.raises(Undecidable, match="has that number"):
        decide(ledger, invoice(2), "confirm", "2670000")
    with pytest.raises(Undecidable, match="Give the number"):
        decide(ledger, invoice(2), "confirm", "")
    assert row(ledger, invoice(2)).state == "unknown"


def test_released_document_is_sent_again(ledger: Ledger, remote: Remote) -> None:
    """What a person did not find there is sent once more, and once only."""
    remote.script.append("drop")
    protocol_for(ledger, remote).offer(invoice())
    assert decide(ledger, invoice(), "release", "looked twice").state == "failed"
    assert protocol_for(ledger, remote).offer(invoice()).state == "transferred"
    assert len(remote.held) == 1


def test_ambiguous_document_goes_over_once_a_person_decided(ledger: Ledger, remote: Remote) -> None:
    """Something alike that was there before stops a document until a person says that it is another."""
    stranger = invoice(totals=Totals(net=1, vat=0, gross=1))  # type: ignore[arg-type]
    remote.create(stranger)
    document = invoice()
    assert protocol_for(ledger, remote).offer(document).state == "failed"
    assert row(ledger, document).problems[0].field == "reference"
    decide(ledger, document, "release")
    assert protocol_for(ledger, remote).offer(document).state == "transferred"
    assert row(ledger, document).answered == []
    assert len(remote.held) == 2


def test_what_a_living_run_sends_is_not_touched(ledger: Ledger, remote: Remote) -> None:
    """While its run lives nobody decides about a document; once the run is dead, it is in doubt like any other."""
    document = invoice()
    die_while(ledger, remote, document, "kill_after")
    seen = row(ledger, document)
    assert seen.id is not None
    assert transfer_of(ledger, seen.id, seen.version).state == "unknown"
    living = ledger.runs.begin("1234567", "target-fake")
    ledger.save(seen, living)
    with pytest.raises(Undecidable, match="being sent at this moment"):
        transfer_of(ledger, seen.id, seen.version)
    bury(ledger)
    assert decide(ledger, document, "confirm", "26700001").state == "transferred"


def test_decision_about_what_changed_since_is_refused(ledger: Ledger, remote: Remote) -> None:
    """Who looked at it before a run changed it has to look again; a run that is late finds its row taken."""
    document = failed(ledger, remote)
    seen = row(ledger, document)
    assert seen.id is not None
    late = msgspec.structs.replace(seen)
    protocol_for(ledger, remote).offer(document)
    with pytest.raises(Undecidable, match="changed since"):
        transfer_of(ledger, seen.id, seen.version)
    with pytest.raises(Taken):
        people.retry(ledger, ANNA, late)
    assert trail(ledger) == []


@pytest.mark.parametrize(
    ("state", "allowed"),
    [
        ("failed", {"retry", "dismiss"}),
        ("transferred", set()),
        ("skipped", {"retry"}),
        ("unknown", {"confirm", "release"}),
    ],
)
def test_only_what_makes_sense_can_be_decided(ledger: Ledger, remote: Remote, state: str, allowed: set[str]) -> None:
    """Each standing has its decisions; any other is refused, and changes nothing."""
    document = {
        "failed": invoice(problems=[missing_vat_code()]),
        "skipped": invoice(voided=True),
    }.get(state, invoice())
    if state == "unknown":
        remote.script.append("drop")
    protocol_for(ledger, remote).offer(document)
    before = row(ledger, document)
    assert before.state == state
    for action in set(DECISIONS) - allowed:
        with pytest.raises(Undecidable):
            decide(ledger, document, action, "x")
    assert row(ledger, document).version == before.version
    assert {name for name, can in people.CHOICES.items() if can(before)} == allowed
