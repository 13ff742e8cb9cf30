from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from target_autotask.invoice_matching import Candidate, same_amount, same_customer, the_one
from target_autotask.paid_dates import body, decide, held_date
from tests.target_autotask.tills import KIND, Till, gross
from transfer_ledger.documents import InvoicePayment, Partner, Source
from transfer_ledger.exceptions import Ambiguous
from transfer_ledger.ledger import Ledger
from transfer_ledger.schema import transfers

if TYPE_CHECKING:
    from tests.target_autotask.loading import Message

BAKERY = Partner(id="account-7", name="Bakkerij De Korenaar B.V.", code="D10007")
SOURCE = Source(system="exact_online", tenant="1234567", stream=KIND, id="t")


def document(**changes: Any) -> InvoicePayment:
    """Return an invoice in the books of 121.00."""
    values: dict[str, Any] = {"number": "10850", "currency": "EUR", "amount": Decimal("121.00"), "customer": BAKERY}
    return InvoicePayment(source=SOURCE, **values | changes)


def candidate(row_id: int, by: Any, agrees: str = "", **row: Any) -> Candidate:
    """Return an invoice of Autotask that agrees in amount (a) or customer (c), has another (x), or is larger (l)."""
    fields = {"id": row_id, "invoiceNumber": "10850", "invoiceTotal": 100.0, "totalTaxValue": 21.0, **row}
    customer = True if "c" in agrees else False if "x" in agrees else None
    return Candidate(fields, by, "a" in agrees, customer, "Bakkerij", "l" not in agrees)


@pytest.mark.parametrize(
    ("candidates", "chosen"),
    [
        ([], None),
        ([candidate(1, "reference", "ac")], 1),
        ([candidate(1, "reference", "a")], 1),
        ([candidate(1, "reference", "c")], 1),
        ([candidate(1, "reference")], None),
        ([candidate(1, "reference", "x")], None),
        ([candidate(1, "number", "ac")], 1),
        ([candidate(1, "number")], None),
        ([candidate(1, "reference", "ac"), candidate(2, "reference", "a")], 1),
        ([candidate(1, "number", "ac"), candidate(2, "reference", "c")], 2),
        ([candidate(1, "reference", "ac", isVoided=True), candidate(2, "reference", "ac")], 2),
        ([candidate(1, "reference", "ac", isVoided=True)], 1),
    ],
)
def test_the_one_that_is_meant(candidates: list[Candidate], chosen: int | None) -> None:
    """Our reference needs one thing more that agrees, a number both; a voided invoice gives way to one that is not."""
    found = the_one(document(), candidates)
    assert (found and found.row["id"]) == chosen


@pytest.mark.parametrize(
    "candidates",
    [
        [candidate(1, "reference", "ax")],
        [candidate(1, "reference", "cl")],
        [candidate(1, "number", "a")],
        [candidate(1, "number", "ax")],
        [candidate(1, "number", "c")],
        [candidate(1, "reference", "a"), candidate(2, "reference", "a")],
        [candidate(1, "number", "ac"), candidate(2, "number", "ac")],
    ],
)
def test_doubt_lists_every_candidate(candidates: list[Candidate]) -> None:
    """What agrees in part, and several that agree alike, are never decided here."""
    with pytest.raises(Ambiguous) as caught:
        the_one(document(), candidates)
    assert len(caught.value.candidates) == len(candidates)
    assert all(f"(id {each.row['id']})" in str(caught.value) for each in candidates)


@pytest.mark.parametrize(
    ("company", "linked", "agrees"),
    [
        ({"id": 7, "companyName": "Andere naam"}, {"7": "account-7"}, True),
        ({"id": 7, "companyName": "Bakkerij De Korenaar"}, {"7": "account-8"}, False),
        ({"id": 8, "companyName": "Bakkerij De Korenaar"}, {"7": "account-7"}, False),
        ({"id": 7, "companyNumber": "d10007"}, {}, True),
        ({"id": 7, "companyName": "De Korenaar Bakkerij BV"}, {}, True),
        ({"id": 7, "companyName": "Bakkerij De Korenaar Holding B.V."}, {}, None),
        ({"id": 7, "companyName": "Slagerij Van Vliet"}, {}, None),
        ({"id": 7, "companyName": None}, {}, None),
        ({}, {}, None),
    ],
)
def test_whether_customers_are_the_same(company: Message, linked: dict[str, str], agrees: bool | None) -> None:  # noqa: FBT001 - a case
    """A link says yes or no; without one, number and name can only say yes."""
    assert same_customer(BAKERY, company, linked, frozenset(linked.values())) is agrees


@given(st.decimals(-99999, 99999, places=4), st.decimals(-9999, 9999, places=4))
def test_amounts_agree_to_the_cent(net: Decimal, tax: Decimal) -> None:
    """An invoice's total with VAT, or without where Autotask holds it so, rounded half up; a cent more is another."""
    row = {"invoiceTotal": str(net), "totalTaxValue": str(tax)}
    total = (net + tax).quantize(Decimal("0.01"), "ROUND_HALF_UP")
    assert same_amount(document(amount=total), row)
    other = total + Decimal("0.01")
    assert same_amount(document(amount=other), row) == (other == net.quantize(Decimal("0.01"), "ROUND_HALF_UP"))


DATES = st.none() | st.dates(dt.date(2000, 1, 1), dt.date(2099, 12, 31))


@given(DATES, DATES, st.lists(st.dates(), max_size=2), st.sampled_from(["keep", "overwrite"]), st.booleans())
def test_no_date_of_a_person_is_lost_unsaid(
    wanted: dt.date | None,
    held: dt.date | None,
    ours: list[dt.date],
    policy: Any,
    report: bool,  # noqa: FBT001 - drawn
) -> None:
    """Whatever stands there becomes what Exact says, or a problem says why it stays; nothing is written needlessly."""
    mine = [day.isoformat() for day in ours]
    told = document(paid_date=wanted, when_dated=policy, when_reopened="report" if report else "clear")
    decision = decide(told, held, mine)
    assert decision.date in (wanted, held)
    assert decision.writes == (decision.date != held)
    assert (decision.problem is not None) == (decision.date != wanted)
    if held and held.isoformat() not in mine and policy == "keep":
        assert not decision.writes


@given(st.dates())
def test_a_day_stays_that_day_on_the_wire(day: dt.date) -> None:
    """It goes as its midnight and comes back as the same day, in whatever form Autotask shows it."""
    sent = body(1, day)["paidDate"]
    assert held_date({"paidDate": sent}) == held_date({"paidDate": sent.replace(".000Z", "")}) == day
    assert held_date({"paidDate": body(1, None)["paidDate"]}) is None


def test_by_reference_number_and_id(till: Till) -> None:
    """Without a ledger: by our reference, a number that a bookkeeper typed, and the id of one without a number."""
    first, second, third = till.invoices()[:3]
    till.dock.sandbox.put_row("autotask", "Invoices", {"id": third["id"], "invoiceNumber": ""})
    documents = [
        replace(till.payment(first), reference=first["invoiceNumber"]),
        replace(till.payment(second), number=second["invoiceNumber"]),
        replace(till.payment(third), reference=str(third["id"])),
    ]
    loaded = till.offer(*documents)
    assert loaded.code == 0, loaded.log
    assert {till.paid_date(row) for row in (first, second, third)} == {"2026-10-07T00:00:00.000Z"}
    assert loaded.count("Invoices/query") == 3


def test_a_reference_of_the_ledger_finds_what_exact_numbered_anew(till: Till) -> None:
    """A sales invoice that was printed later has another key in the books; our reference tells whose it is."""
    row = till.invoices()[0]
    till.sent([row], receipt="invoice-{id}")
    loaded = till.offer(replace(till.payment(row), reference=f"AT-{row['invoiceNumber']} "))
    assert (loaded.code, till.paid_date(row)) == (0, "2026-10-07T00:00:00.000Z")


@pytest.mark.parametrize("receipt", ["order-{id}", None], ids=["an order of ours", "by hand"])
def test_an_order_that_is_invoiced_in_parts_waits_for_a_person(till: Till, receipt: str | None) -> None:
    """A part that is paid does not date the whole, whatever its reference says; VAT that is rounded otherwise does."""
    row = till.invoices()[0]
    number = row["invoiceNumber"]
    if receipt:
        till.sent([row], receipt=receipt)
    reference = f"AT-{number}" if receipt else number
    part = replace(till.payment(row), reference=reference, amount=gross(row) / 2)
    assert (till.offer(part).code, till.paid_date(row)) == (1, None)
    assert "is larger than" in till.transfer(part).reason
    assert "settled" in till.transfer(part).advice
    rounded = replace(part, source=replace(part.source, id="whole"), amount=gross(row) - Decimal("0.07"))
    assert (till.offer(rounded).code, till.paid_date(row)) == (0, "2026-10-07T00:00:00.000Z")


def test_a_credit_note_that_names_its_invoice_is_not_the_invoice(till: Till) -> None:
    """A bookkeeper writes the invoice's number on the credit note: that it was settled dates nothing."""
    row = till.invoices()[0]
    note = replace(till.payment(row), reference=row["invoiceNumber"], amount=-gross(row))
    assert (till.offer(note).code, till.paid_date(row)) == (0, None)
    assert till.transfer(note).state == "skipped"


def test_a_namesake_waits_for_a_person_until_they_are_linked(till: Till) -> None:
    """The number and the amount alone do not say it; a link of company and account does."""
    row = till.invoices()[0]
    stranger = Partner(id="account-x", name="Iemand Anders")
    document = replace(till.payment(row), number=row["invoiceNumber"], customer=stranger)
    assert till.offer(document).code == 1
    assert str(row["id"]) in till.transfer(document).reason
    till.link(row, "account-x")
    assert till.offer(document).code == 0
    assert till.paid_date(row) == "2026-10-07T00:00:00.000Z"


@pytest.mark.parametrize(("policy", "state", "code"), [("skip", "skipped", 0), ("fail", "failed", 1)])
def test_an_invoice_that_is_none_of_autotasks(till: Till, policy: Any, state: str, code: int) -> None:
    """It is skipped, or fails, as the settings say; the reason says that nothing was found."""
    row = till.invoices()[0]
    document = till.payment(row, when_not_found=policy, amount=gross(row) + 1)
    assert till.offer(document).code == code
    assert (till.transfer(document).state, till.transfer(document).reason) == (
        state,
        "no invoice of Autotask is this one",
    )


def test_two_invoices_in_the_books_never_share_one(till: Till) -> None:
    """An invoice that was booked twice: the second fails, and the date of the first stands."""
    row = till.invoices()[0]
    first = replace(till.payment(row), reference=row["invoiceNumber"])
    second = replace(first, paid_date=None, state="open")
    second.source = replace(first.source, id="again")
    loaded = till.offer(first, second)
    assert loaded.code == 1
    assert "belongs to another document already" in till.transfer(second).reason
    assert till.paid_date(row) == "2026-10-07T00:00:00.000Z"


@pytest.mark.parametrize("changes", [{"source_system": "webshop", "source_id": "W-1"}, {"source_tenant": "9"}])
def test_what_others_keep_in_the_ledger_is_no_invoice_of_autotask(till: Till, changes: dict[str, str]) -> None:
    """A transfer of another system or tenant under the same key, and texts that can be no number, lead nowhere."""
    row = till.invoices()[0]
    till.sent([row])
    ledger = Ledger.open(till.url)
    with ledger.engine.begin() as connection:
        connection.execute(transfers.update().values(changes))
    ledger.close()
    document = replace(till.payment(row), reference=f"AT-{row['invoiceNumber']}{'x' * 200}")
    assert till.offer(document).code == 0
    assert till.transfer(document).reason == "no invoice of Autotask is this one"
