"""Runs that have nothing but open invoices to read again, with what earlier runs remember, on the sandbox."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tests.tap_autotask.on_sandbox import Reading, kinds

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.conftest import Sandbox


def planted(reading: Reading) -> list[dict[str, Any]]:
    """Return the invoices that the seed planted for a target to leave open."""
    return [record for record in reading.records if set(oddities(record)) - {"voided"}]


def oddities(record: dict[str, Any]) -> Iterator[str]:
    yield from (number for number in ("D10001", "D10002") if record["company"]["companyNumber"] == number)
    yield from (name for name in ("Caribisch",) if record["taxRegionName"] == name)
    yield from (name for name in ("Na afspraak",) if record["payment_term"]["name"] == name)
    yield from ("HW-1023" for item in record["billing_items"] if (item["product"] or {}).get("sku") == "HW-1023")
    net = sum(Decimal(item["extendedPrice"]) for item in record["billing_items"])
    yield from ["off by one"] * (abs(net - Decimal(record["invoiceTotal"])) > Decimal("0.5"))


class Reruns:
    """A run that remembers, and runs after it that have nothing but the planted invoices to read again."""

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        self._sandbox = sandbox
        self._settings: dict[str, Any] = {
            "start_date": "2020-01-01",
            "remember_file": str(folder / "remembered.json"),
        }
        first = Reading(sandbox, **self._settings)
        self.open = planted(first)
        first.state["bookmarks"]["expanded_invoices"]["open"] = [str(record["id"]) for record in self.open]
        self.state = first.state

    def __call__(self, **changes: Any) -> Reading:
        """Run once more."""
        return Reading(self._sandbox, state=self.state, **self._settings | changes)


@pytest.fixture
def reruns(sandbox: Sandbox, tmp_path: Path) -> Reruns:
    return Reruns(sandbox, tmp_path)


def test_open_invoices_alone_cost_ten_calls(sandbox: Sandbox, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """What a person may have repaired is read anew, the rest is remembered, and the records are the same."""
    sandbox.reset(companies=150, invoices=400)
    reruns = Reruns(sandbox, tmp_path)
    with caplog.at_level("INFO", "tap-autotask"):
        rerun = reruns()
    assert 6 <= len(reruns.open) <= 8
    assert len(rerun.calls) <= 10
    fresh = {"BillingItems", "Companies", "Products", "BillingCodes", "PaymentTerms", "TaxCategories", "Invoices"}
    assert kinds(rerun.calls) == Counter({f"{entity}/query": 1 for entity in fresh} | {"zoneInformation": 1})
    whole = reruns(remember_minutes=0)
    assert len(whole.calls) > 15
    assert rerun.records == whole.records == [record | {"offered": len(reruns.open)} for record in reruns.open]
    assert caplog.text.count("were not read again but remembered from 0 to 0 minutes ago") == 1


def test_remembered_rows_get_old(sandbox: Sandbox, reruns: Reruns) -> None:
    """After an hour, or what the setting says, all is read anew and remembered anew."""
    sandbox.clock(seconds=3700)
    assert len(reruns(remember_minutes=120).calls) <= 10
    assert len(reruns().calls) > 15
    assert len(reruns().calls) <= 10


def with_line(record: dict[str, Any], name: str) -> dict[str, Any]:
    return next(item[name] for item in record["billing_items"] if item[name])


@pytest.mark.parametrize(
    ("entity", "field", "find"),
    [
        ("Products", "sku", lambda record: with_line(record, "product")),
        ("BillingCodes", "name", lambda record: with_line(record, "billing_code")),
        ("TaxCategories", "name", lambda record: with_line(record, "tax_category")),
        ("PaymentTerms", "name", lambda record: record["payment_term"]),
        ("Companies", "companyNumber", lambda record: record["company"]),
        ("BillingItems", "description", lambda record: record["billing_items"][0]),
        ("Invoices", "invoiceNumber", lambda record: record),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_repair_is_seen_at_once(sandbox: Sandbox, reruns: Reruns, entity: str, field: str, find: Any) -> None:
    """What a bookkeeper changes in Autotask so that an invoice goes through is in the very next run."""
    number, repaired = next((at, find(record)["id"]) for at, record in enumerate(reruns.open) if has(find, record))
    sandbox.put_row("autotask", entity, {"id": repaired, field: "repaired"})
    rerun = reruns()
    assert len(rerun.calls) <= 10
    assert find(rerun.records[number])[field] == "repaired"


def has(find: Any, record: dict[str, Any]) -> bool:
    try:
        return bool(find(record))
    except StopIteration:
        return False


def test_new_invoices_use_nothing_remembered(sandbox: Sandbox, reruns: Reruns) -> None:
    """A new invoice is put together from what Autotask has now, and so are those that come with it."""
    last = sandbox.state("autotask")["Invoices"][-1]
    sandbox.put_row("autotask", "Invoices", last | {"id": last["id"] + 1})
    sandbox.put_row("autotask", "Countries", {"id": reruns.open[0]["company"]["countryID"], "displayName": "changed"})
    rerun = reruns()
    assert rerun.ids == [*(record["id"] for record in reruns.open), last["id"] + 1]
    assert rerun.records[0]["company"]["country"]["displayName"] == "changed"
    assert kinds(rerun.calls)["Invoices/query"] == 1


def test_what_was_not_remembered_is_read(sandbox: Sandbox, reruns: Reruns) -> None:
    """A line that points elsewhere since, and a country that is new: memory never says that there is none."""
    record = reruns.open[0]
    charge = sandbox.state("autotask")["TicketCharges"][0]
    sandbox.put_row("autotask", "TicketCharges", charge | {"id": 999_999})
    line = record["billing_items"][0]["id"]
    sandbox.put_row("autotask", "BillingItems", {"id": line, "ticketChargeID": 999_999})
    sandbox.put_row("autotask", "Countries", {"id": 9999, "displayName": "Nergensland"})
    sandbox.put_row("autotask", "Companies", {"id": record["companyID"], "countryID": 9999})
    again = reruns().records[0]
    assert again["company"]["country"]["displayName"] == "Nergensland"
    assert next(item for item in again["billing_items"] if item["id"] == line)["charge"]["id"] == 999_999
