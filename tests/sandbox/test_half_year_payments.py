"""Half a year of payments: what Exact Online shows of it, and what is said to be true of it."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from tests.sandbox.exact_online_calls import ANY_ID, JSON, Exact

if TYPE_CHECKING:
    from tests.conftest import Sandbox

NOW = "2026-11-02T09:00:00Z"
MATCHED = 50
AMSTERDAM = ZoneInfo("Europe/Amsterdam")


@pytest.fixture(scope="module")
def half_year(sandbox_server: Sandbox) -> tuple[list[JSON], dict[str, list[JSON]], dict[str, list[JSON]]]:
    """Truth of 1,000 invoices, and what both systems hold after them."""
    sandbox_server.reset(companies=150, invoices=1000, payments=True, now=NOW)
    states = (sandbox_server.state("exact_online"), sandbox_server.state("autotask"))
    return (sandbox_server.truth("payments"), *states)


def day(text: str | None) -> str | None:
    """Return the day of a date-time."""
    return None if text is None else text[:10]


def receivable(row: JSON) -> bool:
    """Tell whether a term is of an invoice or a credit note, as the reference advises to ask."""
    return row["LineType"] == 20 and row["TransactionType"] in (20, 21)


def read_back(rows: list[JSON]) -> JSON:
    """Return what the reference's recommended rule makes of the terms of one transaction."""
    still_open = [row for row in rows if row["Status"] != MATCHED]
    paid = [row["LastPaymentDate"] for row in rows if row.get("LastPaymentDate")]
    ended = [row["EndDate"] for row in rows if row.get("EndDate")]
    return {
        "open": -sum((row["AmountFC"] for row in still_open), Decimal(0)),
        "is_settled": not still_open,
        "last_payment_on": day(max(paid)) if paid else None,
        "ended_on": day(max(ended)) if ended else None,
    }


def test_terms_say_what_is_true(half_year: Any) -> None:
    """The recommended reading of payment terms gives what is open, whether it is settled and when it was last paid."""
    truth, exact, _ = half_year
    by_entry = defaultdict(list)
    for row in filter(receivable, exact["PaymentTerms"]):
        by_entry[row["TransactionEntryID"]].append(row)
    followed = [told for told in truth if told["entry_id"] and told["state"] != "deleted"]
    assert len(followed) > 950
    for told in followed:
        rows = by_entry.pop(told["entry_id"])
        assert sum(row["AmountFC"] for row in rows) == -told["amount"]
        read = read_back(rows)
        assert (read["open"], read["is_settled"]) == (told["open"], told["settled_on"] is not None), told
        assert read["last_payment_on"] == told["last_payment_on"], told
        if not told["paid"] and told["settled_on"]:
            assert read["ended_on"] == told["settled_on"], told
    notes = [row for rows in by_entry.values() for row in rows]
    assert {(row["TransactionType"], row["Status"]) for row in notes} == {(21, MATCHED)}


def test_amounts_are_autotasks(half_year: Any) -> None:
    """Every document in Exact amounts to what the invoice in Autotask says, but for the one planted off by one."""
    truth, _, autotask = half_year
    totals = {
        row["id"]: (row["invoiceTotal"] + row["totalTaxValue"]).quantize(Decimal("0.01"), ROUND_HALF_UP)
        for row in autotask["Invoices"]
    }
    wrong = [told for told in truth if told["invoice_id"] and told["amount"] != totals[told["invoice_id"]]]
    assert len(wrong) == 1
    assert all(
        told["amount"] == told["paid"] + told["credited"] + told["written_off"] + told["open"]
        for told in truth
        if told["state"] != "deleted"
    )


def test_matches_add_up_to_nothing(half_year: Any) -> None:
    """What is matched with each other adds up to nothing, and ends on the highest date of all."""
    _, exact, _ = half_year
    ended = [row for row in exact["PaymentTerms"] if row["Status"] == MATCHED]
    assert sum(row["AmountFC"] for row in ended) == 0
    assert all(row["EndDate"] >= row["InvoiceDate"] and row["IsFullyPaid"] for row in ended)
    still_open = [row for row in exact["PaymentTerms"] if row["Status"] != MATCHED]
    assert not any(row.get("EndDate") or row.get("LastPaymentDate") or row["IsFullyPaid"] for row in still_open)


def test_every_irregularity_is_there(half_year: Any) -> None:
    """Whatever becomes of invoices in half a year becomes of several."""
    truth, exact, _ = half_year
    states = Counter(told["state"] for told in truth)
    shared = Counter(match for told in truth for match in told["matches"])
    terms = exact["PaymentTerms"]
    per_entry = Counter(row["TransactionEntryID"] for row in terms if receivable(row))
    found = {
        **states,
        **Counter(told["form"] for told in truth),
        "reopened": sum(told["reopened"] for told in truth),
        "voided": sum(told["voided"] for told in truth),
        "over several": sum(count > 1 for count in shared.values()),
        "in parts": sum(len(told["matches"]) > 1 for told in truth),
        "instalments": sum(count > 2 for count in per_entry.values()),
        "late": sum((told["settled_on"] or "") > "2026-09-30" for told in truth),
        "overpaid": sum(row["TransactionType"] == 40 and row["Status"] == 20 for row in terms),
        "paid and credited": sum(bool(told["paid"] and told["credited"]) for told in truth),
        "paid and written off": sum(bool(told["paid"] and told["written_off"]) for told in truth),
        "when summer time ended": sum(told["settled_on"] == "2026-10-25" for told in truth),
        "written by hand": sum(told["dated_by_hand"] is not None for told in truth),
        "owed to suppliers": sum(row["LineType"] == 22 for row in terms),
        "noticed later": sum(day(row["Modified"]) != day(row["EndDate"]) for row in terms if row["Status"] == MATCHED),
    }
    assert {name: count for name, count in found.items() if count < 3} == {}
    wanted = ("deleted", "credited", "written_off", "partial", "paid", "open", "by_hand", "concept", "sales_order")
    assert not set(wanted) - set(found)


def test_the_days_summer_time_begins(sandbox: Sandbox) -> None:
    """Half a year that ends in spring has payments on the day summer time begins."""
    sandbox.reset(invoices=200, payments=True, now="2026-05-02T09:00:00Z")
    assert sum(told["settled_on"] == "2026-03-29" for told in sandbox.truth("payments")) >= 3


def test_references_and_numbers(half_year: Any) -> None:
    """A document has Autotask's number as reference; one by hand has it as its own number; a namesake is none."""
    truth, exact, autotask = half_year
    entries = {row["EntryID"]: row for row in exact["SalesEntries"]}
    numbers = {row["id"]: row["invoiceNumber"] or str(row["id"]) for row in autotask["Invoices"]}
    for told in truth:
        entry = entries.get(told["entry_id"])
        if entry is None:
            assert told["form"] in (None, "concept") or told["state"] == "deleted"
        elif told["form"] == "by_hand":
            assert entry.get("YourRef") is None
            assert told["reference"].endswith(str(entry["EntryNumber"]))
        else:
            assert entry["YourRef"] == numbers[told["invoice_id"]] == told["reference"]
    strangers = [told for told in truth if told["invoice_id"] is None]
    assert len(strangers) >= 3
    absent = {told["reference"] for told in truth if told["form"] is None}
    assert {told["reference"].removeprefix("namesake of ") for told in strangers} <= absent
    assert {row["Status"] for row in exact["SalesOrders"]} == {21}


def test_nothing_is_dated_yet(half_year: Any) -> None:
    """No invoice in Autotask has a paid date but those that somebody wrote by hand."""
    truth, _, autotask = half_year
    by_hand = {told["invoice_id"]: told["dated_by_hand"] for told in truth if told["dated_by_hand"]}
    dated = {row["id"]: day(row["paidDate"]) for row in autotask["Invoices"] if row["paidDate"]}
    assert dated == by_hand


@pytest.fixture
def billed(sandbox: Sandbox) -> list[JSON]:
    """Invoices of a small half year that are open and of one customer, the largest group there is."""
    sandbox.reset(invoices=200, payments=True, now=NOW)
    customers = {row["id"]: row["companyID"] for row in sandbox.state("autotask")["Invoices"]}
    groups = defaultdict(list)
    for told in sandbox.truth("payments"):
        if (
            told["state"] == "open"
            and told["entry_id"]
            and told["invoice_id"]
            and not told["voided"]
            and told["amount"] > 100
        ):
            groups[customers[told["invoice_id"]]].append(told)
    return max(groups.values(), key=len)


def told(sandbox: Sandbox, one: JSON) -> JSON:
    """Return what is true of an invoice now."""
    return next(row for row in sandbox.truth("payments") if row["reference"] == one["reference"])


def terms(sandbox: Sandbox, one: JSON) -> list[JSON]:
    """Return the terms of an invoice."""
    rows = sandbox.state("exact_online")["PaymentTerms"]
    return [row for row in rows if row["TransactionEntryID"] == one["entry_id"]]


def test_a_payment_in_parts(sandbox: Sandbox, billed: list[JSON]) -> None:
    """A part splits the term: the paid row is matched and keeps its ID, the rest is open under another EntryID."""
    one = billed[0]
    (before,) = terms(sandbox, one)
    number = sandbox.payments("pay", {str(one["invoice_id"]): "50.00"}, date="2026-11-01")
    rows = {row["Status"]: row for row in terms(sandbox, one)}
    assert (rows[50]["ID"], rows[50]["AmountFC"], day(rows[50]["LastPaymentDate"])) == (before["ID"], -50, "2026-11-01")
    assert (rows[20]["AmountFC"], rows[20].get("LastPaymentDate")) == (50 - one["amount"], None)
    assert rows[20]["EntryID"] != rows[50]["EntryID"]
    assert rows[20]["TransactionID"] == rows[50]["TransactionID"]
    now = told(sandbox, one)
    assert (now["state"], now["paid"], now["settled_on"]) == ("partial", 50, None)
    sandbox.payments("pay", {one["reference"]: None}, date="2026-11-02", extra="1.00")
    assert (told(sandbox, one)["state"], told(sandbox, one)["settled_on"]) == ("paid", "2026-11-02")
    sandbox.payments("unmatch", payment=number)
    now = told(sandbox, one)
    assert (now["state"], now["reopened"], now["open"]) == ("partial", True, 50)
    reopened = next(row for row in terms(sandbox, one) if row["ID"] == before["ID"])
    assert reopened["Timestamp"] > rows[50]["Timestamp"]
    assert (reopened["Status"], reopened["EndDate"], reopened["IsFullyPaid"]) == (20, None, False)
    sandbox.payments("match", {one["reference"]: None}, payment=number)
    assert told(sandbox, one)["settled_on"] == "2026-11-02"


def test_one_payment_over_several(sandbox: Sandbox, billed: list[JSON]) -> None:
    """One bank line is matched with several invoices, and is no invoice's own."""
    names = {one["reference"]: None for one in billed[:2]}
    number = sandbox.payments("pay", names, date="2026-11-01")
    assert {told(sandbox, one)["state"] for one in billed[:2]} == {"paid"}
    assert [told(sandbox, one)["matches"] for one in billed[:2]] == [[number]] * 2
    bank = sandbox.state("exact_online")["PaymentTerms"][-1]
    assert (bank["TransactionType"], bank.get("YourRef")) == (40, None)
    assert bank["AmountFC"] == sum(one["amount"] for one in billed[:2])


def test_credit_write_off_and_void(sandbox: Sandbox, billed: list[JSON]) -> None:
    """What is credited or written off ends on its day, without a payment; a void is Autotask's own business."""
    one, other = billed[:2]
    sandbox.payments("credit", {one["reference"]: None}, date="2026-11-01")
    sandbox.payments("write_off", {other["reference"]: None}, date="2026-10-31")
    sandbox.payments("void", {other["reference"]: None})
    facts = [(told(sandbox, each)["state"], told(sandbox, each)["settled_on"]) for each in (one, other)]
    assert facts == [("credited", "2026-11-01"), ("written_off", "2026-10-31")]
    assert [row.get("LastPaymentDate") for each in (one, other) for row in terms(sandbox, each)] == [None, None]
    assert told(sandbox, other)["voided"]


def test_instalments_and_collections(sandbox: Sandbox, billed: list[JSON]) -> None:
    """An invoice can be split in advance; what is in a collection is not paid yet."""
    one = billed[0]
    parts = [{"amount": "30.00", "due": "2026-12-01"}, {"amount": "20.00", "due": "2027-01-01"}]
    sandbox.payments("split", {one["reference"]: None}, instalments=parts)
    assert {row["AmountFC"] for row in terms(sandbox, one)} >= {-30, -20}
    assert {day(row["DueDate"]) for row in terms(sandbox, one)} >= {"2026-12-01", "2027-01-01"}
    sandbox.payments("collect", {one["reference"]: None}, status=40)
    assert {row["Status"] for row in terms(sandbox, one)} == {40}
    assert told(sandbox, one)["state"] == "open"


def test_a_removed_entry(sandbox: Sandbox, billed: list[JSON]) -> None:
    """An entry that is removed takes its terms with it, and the log tells of them."""
    (term,) = terms(sandbox, billed[0])
    sandbox.payments("remove", {billed[0]["reference"]: None})
    assert terms(sandbox, billed[0]) == []
    assert told(sandbox, billed[0])["state"] == "deleted"
    gone = [row["EntityKey"] for row in sandbox.state("exact_online")["Deleted"] if row["EntityType"] == 10]
    assert term["ID"] in gone


@pytest.mark.parametrize(
    ("event", "names", "more", "reason"),
    [
        ("pay", {"nowhere": None}, {}, "0 entries in Exact have the reference 'nowhere'"),
        ("pay", {}, {}, "No invoice is named"),
        ("pay", {"one": "999999.00"}, {}, "cannot be settled"),
        ("pay", {"one": "0"}, {}, "cannot be settled"),
        ("pay", {"one": "1.005"}, {}, "cannot be settled"),
        ("pay", {"one": "NaN"}, {}, "cannot be settled"),
        ("pay", {"one": None}, {"extra": "-1.00"}, "cannot be paid besides"),
        ("receive", {}, {}, "Name one invoice"),
        ("receive", {"one": "Infinity"}, {}, "cannot be received"),
        ("offset", {"one": None}, {}, "Name one credit note and one invoice"),
        ("pay", {"one": None}, {"date": "1999-12-31"}, "no period of 31-12-1999"),
        ("unmatch", {}, {"payment": 999999}, "There is no match 999999"),
        ("match", {"one": None}, {"payment": 999999}, "There is no payment 999999"),
        ("split", {"one": None}, {"instalments": [{"amount": "999999", "due": "2026-12-01"}]}, "cannot be split"),
    ],
)
def test_what_cannot_happen(
    sandbox: Sandbox, billed: list[JSON], event: str, names: JSON, more: JSON, reason: str
) -> None:
    """An event that cannot happen is refused with its reason, and nothing happens."""
    before = sandbox.truth("payments")
    known = {billed[0]["reference"] if name == "one" else name: amount for name, amount in names.items()}
    with pytest.raises(AssertionError, match=reason):
        sandbox.payments(event, known, **more)
    assert sandbox.truth("payments") == before


def test_amounts_that_are_matched_stay(sandbox: Sandbox, billed: list[JSON]) -> None:
    """A change to the entry of a split term reaches all its rows and none of their amounts."""
    one = billed[0]
    sandbox.payments("pay", {one["reference"]: "50.00"})
    before = {row["ID"]: row["AmountFC"] for row in terms(sandbox, one)}
    exact = Exact(sandbox)
    answer = exact.send("PUT", f"salesentry/SalesEntries(guid'{one['entry_id']}')", {"Description": "Anders"})
    assert answer.status_code == 204
    assert {row["ID"]: row["AmountFC"] for row in terms(sandbox, one)} == before
    assert {row["Description"] for row in terms(sandbox, one)} == {"Anders"}


def test_lists_of_what_is_to_be_received(sandbox: Sandbox, billed: list[JSON]) -> None:
    """Receivables have customers' terms alone; the list has what is open of them, with positive amounts."""
    one = billed[0]
    sandbox.payments("pay", {one["reference"]: "50.00"}, date="2026-11-01")
    exact = Exact(sandbox)
    of_one = f"TransactionID eq guid'{terms(sandbox, one)[0]['TransactionID']}'"
    found = exact.rows("cashflow/Receivables", filter=of_one, select="ID,AmountFC,Status")
    assert sorted((row["Status"], row["AmountFC"]) for row in found) == [(20, 50 - one["amount"]), (50, -50)]
    every = exact.all_rows("bulk/Cashflow/Receivables", filter=ANY_ID, select="ID")
    held = sandbox.state("exact_online")["PaymentTerms"]
    assert {row["ID"] for row in every} == {row["ID"] for row in held if row["LineType"] == 20}
    assert len(every) < len(held)
    listed = exact.all_rows("read/financial/ReceivablesList")
    still_open = [row for row in held if row["LineType"] == 20 and row["Status"] != MATCHED]
    assert len(listed) == len(still_open) > 10
    assert sum(row["Amount"] for row in listed) == -sum(row["AmountFC"] for row in still_open)
    (shown,) = [row for row in listed if row["YourRef"] == one["reference"]]
    assert (shown["Amount"], shown["HID"].isdecimal()) == (one["amount"] - 50, True)


@pytest.mark.parametrize(
    ("switch", "first", "count", "fully_paid", "date"),
    [
        ({}, True, 2, [True, False], None),
        ({"split_keeps": "rest"}, False, 2, [True, False], None),
        ({"fully_paid": "transaction"}, True, 2, [False, False], None),
        ({"unmatch_merges": True}, True, 1, [True, False], None),
        ({"offset_payment_date": True}, True, 2, [True, False], "2026-11-01"),
    ],
)
def test_what_nobody_could_tell_is_a_switch(
    sandbox: Sandbox,
    switch: JSON,
    first: bool,  # noqa: FBT001
    count: int,
    fully_paid: list[bool],
    date: str | None,
) -> None:
    """How a term is split, put together again, called paid and dated depends on the switches."""
    sandbox.reset(invoices=100, payments=True, now=NOW, exact_online=switch)
    one = next(
        told
        for told in sandbox.truth("payments")
        if told["state"] == "open" and told["entry_id"] and told["amount"] > 100 and len(terms(sandbox, told)) == 1
    )
    (before,) = terms(sandbox, one)
    number = sandbox.payments("write_off", {one["reference"]: "60.00"}, date="2026-11-01")
    rows = sorted(terms(sandbox, one), key=lambda row: -row["Status"])
    assert (rows[0]["ID"] == before["ID"]) == first
    assert [row["IsFullyPaid"] for row in rows] == fully_paid
    assert day(rows[0].get("LastPaymentDate")) == date
    sandbox.payments("unmatch", payment=number)
    rows = terms(sandbox, one)
    assert (len(rows), sum(row["AmountFC"] for row in rows)) == (count, -one["amount"])


@pytest.mark.parametrize("path", ["salesentry/SalesEntries", "salesinvoice/SalesInvoices", "salesorder/SalesOrders"])
def test_what_a_link_booked_can_be_paid(sandbox: Sandbox, path: str) -> None:
    """Without a half year, too, what a client made under Autotask's number can be processed, and paid."""
    exact = Exact(sandbox)
    invoice = sandbox.state("autotask")["Invoices"][5]
    number = invoice["invoiceNumber"]
    if path.startswith("salesentry"):
        line: JSON = {"GLAccount": exact.coded("GLAccounts", "8010"), "AmountFC": 100, "VATCode": "2"}
        body: JSON = {"Customer": exact.customer()["ID"], "Journal": "70", "SalesEntryLines": [line]}
    else:
        line = {"Item": exact.coded("Items", "ARBEID"), "Quantity": 2, "NetPrice": 50, "VATCode": "2"}
        body = {"OrderedBy": exact.customer()["ID"], f"{path.split('/')[1][:-1]}Lines": [line]}
    exact.post(path, body | {"YourRef": number})
    if "SalesEntryLines" not in body:
        sandbox.payments("process", {str(invoice["id"]): None})
    sandbox.payments("pay", {str(invoice["id"]): None})
    (found,) = sandbox.truth("payments")
    assert (found["invoice_id"], found["state"], found["amount"]) == (invoice["id"], "paid", 121)
    assert found["settled_on"] == found["last_payment_on"] == dt.datetime.now(AMSTERDAM).date().isoformat()
    entries = exact.rows("salesentry/SalesEntries", filter=f"YourRef eq '{number}'", select="EntryID,AmountFC")
    assert [(row["EntryID"], row["AmountFC"]) for row in entries] == [(found["entry_id"], 121)]
    with pytest.raises(AssertionError, match="Not one open sales invoice"):
        sandbox.payments("process", {number: None})


def test_a_concept_can_be_processed(sandbox: Sandbox) -> None:
    """An invoice of the half year that waits to be printed is followed when it is."""
    sandbox.reset(invoices=400, payments=True, now=NOW)
    concept = next(row for row in sandbox.truth("payments") if row["form"] == "concept")
    assert (concept["entry_id"], concept["state"]) == (None, "open")
    with pytest.raises(AssertionError, match="is not booked in Exact"):
        sandbox.payments("pay", {concept["reference"]: None})
    sandbox.payments("process", {concept["reference"]: None})
    sandbox.payments("pay", {concept["reference"]: None}, date="2026-11-02")
    assert told(sandbox, concept)["settled_on"] == "2026-11-02"


def test_a_name_that_is_two(sandbox: Sandbox) -> None:
    """What is the id of one invoice and the number of another is refused."""
    sandbox.reset(invoices=40, payments=True, now=NOW)
    one = next(row for row in sandbox.truth("payments") if row["state"] == "paid")
    sandbox.put_row("autotask", "Invoices", {"id": int(one["reference"]), "invoiceNumber": "X"})
    with pytest.raises(AssertionError, match="is the id or the number of several invoices"):
        sandbox.payments("unmatch", {one["reference"]: None})
