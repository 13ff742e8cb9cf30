from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from tests.transfer_ledger.remote import ADMINISTRATION, KIND
from transfer_ledger.ledger import Link, MasterRow
from transfer_ledger.receipts import Found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.transfer_ledger.conftest import Clock
    from transfer_ledger.ledger import Ledger

HIGH = MasterRow(id="b", code="2", data={"Percentage": Decimal("0.210"), "Description": "Hoog 'x' \x00"})
LOW = MasterRow(id="a", code="1", data={"Percentage": Decimal("0.09"), "Type": None})


def test_master_data_begins_empty(ledger: Ledger) -> None:
    """A resource that was never read has no rows and no stamp, which is told from one that has none."""
    copy = ledger.master_data(ADMINISTRATION, "VATCodes")
    assert (copy.stamp(), copy.read_at(), list(copy.rows())) == (None, None, [])
    copy.replace([], "7")
    assert (copy.stamp(), list(copy.rows())) == ("7", [])


def test_master_data_comes_back_as_it_was_kept(ledger: Ledger, clock: Clock) -> None:
    """Rows come back by id and by code, amounts exactly, with stamp and time."""
    copy = ledger.master_data(ADMINISTRATION, "VATCodes")
    copy.replace([HIGH, LOW], "41")
    assert list(copy.rows()) == [LOW, HIGH]
    assert copy.by_id("b") == HIGH
    assert copy.by_id("z") is None
    assert copy.by_code("1") == [LOW]
    assert (copy.stamp(), copy.read_at()) == ("41", clock.now)


def test_master_data_takes_changes_and_deletions(ledger: Ledger) -> None:
    """Changes replace rows, deletions remove them, and the stamp moves with them."""
    copy = ledger.master_data(ADMINISTRATION, "VATCodes")
    copy.replace([HIGH, LOW], "41")
    changed = replace(LOW, code="2")
    copy.apply([LOW, changed], ["b", "not there"], "42")
    assert list(copy.rows()) == [changed]
    assert copy.stamp() == "42"
    copy.replace([HIGH], None)
    assert list(copy.rows()) == [HIGH]
    assert copy.stamp() is None


def test_master_data_of_others_is_left_alone(ledger: Ledger) -> None:
    """Copies of other resources and administrations do not mix."""
    ledger.master_data(ADMINISTRATION, "VATCodes").replace([HIGH], "1")
    ledger.master_data(ADMINISTRATION, "Items").replace([LOW], "2")
    ledger.master_data("other", "VATCodes").replace([LOW], "3")
    assert list(ledger.master_data(ADMINISTRATION, "VATCodes").rows()) == [HIGH]


def test_many_rows_are_kept_in_one_go(ledger: Ledger) -> None:
    """More rows than fit one statement are all kept."""
    copy = ledger.master_data(ADMINISTRATION, "Items")
    copy.replace((MasterRow(id=f"{number:05}", code=str(number % 7)) for number in range(1_201)), "1")
    assert sum(1 for _ in copy.rows()) == 1_201
    assert len(copy.by_code("3")) == 172


def test_broken_off_read_keeps_the_old_copy(ledger: Ledger) -> None:
    """When reading breaks off, the copy and its stamp stay as they were."""
    copy = ledger.master_data(ADMINISTRATION, "VATCodes")
    copy.replace([LOW], "1")

    def broken() -> Iterator[MasterRow]:
        yield HIGH
        raise ConnectionError

    with pytest.raises(ConnectionError):
        copy.replace(broken(), "2")
    assert (list(copy.rows()), copy.stamp()) == ([LOW], "1")


def test_only_a_confirmed_link_is_used(ledger: Ledger) -> None:
    """A proposed link is not followed until it is confirmed, and the last word about a record stands."""
    link = Link(
        kind="accounts",
        source_system="autotask",
        source_tenant="1",
        source_id="7",
        receiver_id="guid-7",
        receiver_code="D10042",
        state="proposed",
        reasons=["same VAT number"],
    )
    whose = (ADMINISTRATION, "accounts")
    assert ledger.links(*whose) == {}
    ledger.save_link(ADMINISTRATION, link)
    assert ledger.links(*whose) == {}
    confirmed = replace(link, state="confirmed", receiver_id="guid-8")
    ledger.save_link(ADMINISTRATION, confirmed)
    assert ledger.links(*whose) == {("autotask", "1", "7"): confirmed}
    assert ledger.links("other", "accounts") == {}


def test_baseline_is_kept_with_what_was_found(ledger: Ledger) -> None:
    """What a scan found can be looked up by its reference, however many pages it took."""
    found = [
        Found(
            id=f"guid-{number}",
            reference=f" 2026-{number % 1_000:04} ",
            customer_id="c",
            gross=Decimal("1.10"),
            date=dt.date(2026, 1, 1),
        )
        for number in range(1_100)
    ]
    assert ledger.baseline(ADMINISTRATION, KIND) is None
    assert ledger.save_baseline(ADMINISTRATION, KIND, iter(found)) == 1_100
    assert ledger.baseline(ADMINISTRATION, KIND) == 1_100
    assert [one.id for one in ledger.found(ADMINISTRATION, KIND, "2026-0042")] == ["guid-1042", "guid-42"]
    assert ledger.found(ADMINISTRATION, KIND, "2026-0500")[0] == replace(found[500], reference="2026-0500")
    assert ledger.found(ADMINISTRATION, "accounts", "2026-0042") == []
