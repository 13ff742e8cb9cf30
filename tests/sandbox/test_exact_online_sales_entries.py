"""Sales entries of the Exact Online half: numbers of one's own, VAT of one's own, periods, the ledger."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tests.sandbox.exact_online_calls import NOWHERE, Exact, refusal

if TYPE_CHECKING:
    from tests.conftest import Sandbox

PATH = "salesentry/SalesEntries"
LINES = "salesentry/SalesEntryLines"
JSON = dict[str, Any]


def start(sandbox: Sandbox, **switches: Any) -> Exact:
    """Reset to a known day, with switches, and sign in."""
    sandbox.reset(now="2026-10-15T09:00:00Z", exact_online=switches)
    return Exact(sandbox)


def line(exact: Exact, **changes: Any) -> JSON:
    """Return a line of 100.00 with high VAT."""
    gl_account = exact.coded("GLAccounts", "8000")
    return {"GLAccount": gl_account, "AmountFC": 100.0, "VATCode": "2", "Description": "Servicecontract"} | changes


def entry(exact: Exact, *lines: JSON, **changes: Any) -> JSON:
    """Return an entry for a Dutch customer, of one line unless lines are given."""
    return {
        "Customer": exact.customer()["ID"],
        "Journal": "70",
        "EntryDate": "2026-10-01",
        "DueDate": "2026-10-15",
        "YourRef": "F2026-0123",
        "SalesEntryLines": list(lines) or [line(exact)],
    } | changes


def amounts(row: JSON) -> tuple[str, str]:
    """Return VAT and gross of an entry, as text with cents."""
    return f"{row['VATAmountFC']:.2f}", f"{row['AmountFC']:.2f}"


def test_a_posted_entry(sandbox: Sandbox) -> None:
    """An entry is answered in full, with the wished number as entry and invoice number, in the period of its date."""
    exact = start(sandbox)
    row = exact.post(PATH, entry(exact, EntryNumber=26700123))
    expected = {
        "AmountDC": 121,
        "AmountFC": 121,
        "VATAmountFC": 21,
        "Journal": "70",
        "EntryNumber": 26700123,
        "InvoiceNumber": 26700123,
        "EntryDate": "/Date(1790812800000)/",
        "DueDate": "/Date(1792022400000)/",
        "ReportingYear": 2026,
        "ReportingPeriod": 10,
        "Status": 20,
        "Type": 20,
        "YourRef": "F2026-0123",
        "PaymentCondition": exact.customer()["PaymentConditionSales"],
    }
    assert {name: row[name] for name in expected} == expected
    assert "__deferred" in row["SalesEntryLines"]
    select = "GLAccountCode,AmountFC,VATAmountFC,VATCode"
    stored = exact.row(LINES, filter=f"EntryID eq guid'{row['EntryID']}'", select=select)
    assert (stored["GLAccountCode"], stored["AmountFC"], stored["VATAmountFC"]) == ("8000", 100, 21)


@pytest.mark.parametrize(
    ("wished", "given"),
    [
        ([None, None], [26700001, 26700002]),
        ([26700123, None], [26700123, 26700124]),
        ([26700123, 26700123], [26700123, 26700124]),
        ([26700123, 26700100], [26700123, 26700124]),
        ([20260001], [20260001]),
        ([20260001, 20260002, None], [20260001, 20260002, 26700001]),
    ],
)
def test_numbers_are_suggestions(sandbox: Sandbox, wished: list[int | None], given: list[int]) -> None:
    """A number is kept when it is free and higher than the last, else silently replaced by the next."""
    exact = start(sandbox)
    numbers = [exact.post(PATH, entry(exact, InvoiceNumber=number))["EntryNumber"] for number in wished]
    assert numbers == given


def test_numbers_are_counted_by_journal_and_year(sandbox: Sandbox) -> None:
    """Year, journal and four digits make a number; every journal and year counts by itself."""
    exact = start(sandbox)
    dates = [("70", "2026-10-01"), ("71", "2026-10-01"), ("70", "2025-12-31"), ("70", "2026-01-01")]
    numbers = [
        exact.post(PATH, entry(exact, Journal=journal, EntryDate=date))["InvoiceNumber"] for journal, date in dates
    ]
    assert numbers == [26700001, 26710001, 25700001, 26700002]


def test_other_rules_for_numbers(sandbox: Sandbox) -> None:
    """By switch a wished number is never kept, or one that is taken is an error."""
    exact = start(sandbox, entry_number="ignored")
    assert exact.post(PATH, entry(exact, EntryNumber=26700123))["EntryNumber"] == 26700001
    exact = start(sandbox, entry_number="refused")
    assert exact.post(PATH, entry(exact, EntryNumber=26700123))["EntryNumber"] == 26700123
    assert exact.post(PATH, entry(exact, EntryNumber=26700100))["EntryNumber"] == 26700100
    taken = exact.send("POST", PATH, entry(exact, EntryNumber=26700123))
    assert refusal(taken) == (500, ["In gebruik: Boekstuknummer"])
    assert len(exact.table("SalesEntries")) == 2


@pytest.mark.parametrize(
    ("lines", "changes", "expected"),
    [
        ([{}, {"VATCode": "1", "AmountFC": "-0.005"}], {}, ("21.00", "120.99")),
        ([{"VATAmountFC": "20.99"}], {}, ("20.99", "120.99")),
        ([{"VATAmountFC": "20.99"}, {}], {}, ("41.99", "241.99")),
        ([{}], {"VATAmountFC": "20.98"}, ("20.98", "120.98")),
        ([{"VATCode": "3", "AmountFC": 121}], {}, ("21.00", "121.00")),
        ([{"VATCode": None}], {}, ("0.00", "100.00")),
        ([{"AmountFC": None, "AmountDC": 100}], {}, ("0.00", "0.00")),
        ([{"AmountFC": "0.07"}] * 3, {}, ("0.04", "0.25")),
        ([{"AmountFC": -100}], {}, ("-21.00", "-121.00")),
    ],
)
def test_amounts(sandbox: Sandbox, lines: list[JSON], changes: JSON, expected: tuple[str, str]) -> None:
    """VAT is computed over the document, inside the amount for inclusive codes, unless one is posted."""
    exact = start(sandbox)
    row = exact.post(PATH, entry(exact, *(line(exact, **values) for values in lines), **changes))
    assert amounts(row) == expected
    assert row["Type"] == (21 if row["AmountFC"] < 0 else 20)


def test_rates(sandbox: Sandbox) -> None:
    """A posted rate counts, else the division's own."""
    exact = start(sandbox)
    own = exact.post(PATH, entry(exact, line(exact, VATCode="7"), Currency="USD"))
    assert (own["AmountFC"], own["AmountDC"], own["Rate"]) == (100, 92, Decimal("0.92"))
    posted = exact.post(PATH, entry(exact, line(exact, VATCode="7"), Currency="USD", Rate=0.855))
    assert posted["AmountDC"] == Decimal("85.5")


@pytest.mark.parametrize(
    ("changes", "problems"),
    [
        ({"Customer": None}, ["Verplicht: Klant"]),
        ({"Customer": NOWHERE}, ["Ongeldige referentie: Klant"]),
        ({"Journal": None}, ["Verplicht: Dagboek"]),
        ({"Journal": "5b1f0c1e-6a57-4c2e-9a41-0d6f3f8a1b10"}, ["Ongeldige referentie: Journals"]),
        ({"Journal": "90"}, ["Ongeldig: Dagboek"]),
        ({"SalesEntryLines": []}, ["Verplicht: Regels"]),
        ({"EntryDate": "1999-01-01"}, ["Onbekend: Boekjaar (Periode-datumtabel)"]),
        ({"ReportingYear": 2026, "ReportingPeriod": 13}, ["Onbekend: Boekjaar (Periode-datumtabel)"]),
        ({"PaymentCondition": "99", "Currency": "XYZ"}, "Ongeldige referentie: "),
    ],
)
def test_headers_are_validated(sandbox: Sandbox, changes: JSON, problems: list[str] | str) -> None:
    """A wrong header is 500 with its messages, and no number is used up."""
    exact = start(sandbox)
    status, texts = refusal(exact.send("POST", PATH, entry(exact) | changes))
    assert status == 500
    assert texts == problems if isinstance(problems, list) else all(text.startswith(problems) for text in texts)
    assert exact.post(PATH, entry(exact))["EntryNumber"] == 26700001


@pytest.mark.parametrize(
    ("code", "problem"),
    [("1300", "Ongeldig: Grootboekrekeningtype"), ("1520", "Ongeldig: Grootboekrekeningtype"), ("9990", None)],
)
def test_ledger_account_types(sandbox: Sandbox, code: str, problem: str | None) -> None:
    """Receivables and VAT accounts are refused, costs are not."""
    exact = start(sandbox)
    answer = exact.send("POST", PATH, entry(exact, line(exact, GLAccount=exact.coded("GLAccounts", code))))
    assert (answer.status_code == 201) == (problem is None)
    assert problem is None or refusal(answer) == (500, [problem])


def test_customers_that_are_none(sandbox: Sandbox) -> None:
    """A prospect cannot be booked on, and a line needs a ledger account."""
    exact = start(sandbox)
    prospect = next(account for account in exact.table("Accounts") if account["Status"] == "P")
    answer = exact.send("POST", PATH, entry(exact, line(exact, GLAccount=None), Customer=prospect["ID"]))
    assert refusal(answer) == (500, ["Ongeldig: Klant (Type)", "Verplicht: Grootboekrekening"])


def test_closed_periods(sandbox: Sandbox) -> None:
    """In a closed period nothing is booked, changed or removed; a posted period replaces that of the date."""
    exact = start(sandbox, closed_until="2026-09-30")
    closed = (500, ["De periode is afgesloten"])
    assert refusal(exact.send("POST", PATH, entry(exact, EntryDate="2026-09-30"))) == closed
    late = exact.post(PATH, entry(exact, EntryDate="2026-09-30", ReportingYear=2026, ReportingPeriod=10))
    assert late["ReportingPeriod"] == 10
    answer = exact.send("POST", PATH, entry(exact, ReportingYear=2026, ReportingPeriod=9))
    assert refusal(answer) == closed
    guid = late["EntryID"]
    sandbox.put_row("exact_online", "SalesEntries", {"EntryID": guid, "ReportingPeriod": 9})
    stored = exact.row(LINES, filter=f"EntryID eq guid'{guid}'", select="ID")["ID"]
    for method, path, body in (
        ("PUT", f"{PATH}(guid'{guid}')", {"Description": "x"}),
        ("DELETE", f"{PATH}(guid'{guid}')", None),
        ("POST", LINES, line(exact, EntryID=guid)),
        ("PUT", f"{LINES}(guid'{stored}')", {"AmountFC": 5}),
    ):
        assert refusal(exact.send(method, path, body)) == closed


def test_an_entry_waits_for_payment(sandbox: Sandbox) -> None:
    """An entry leaves a term: negative what is to receive, positive what was invoiced, found by feed and by number."""
    exact = start(sandbox)
    head = exact.post(PATH, entry(exact, EntryNumber=26700123))
    term = exact.row("sync/Cashflow/PaymentTerms", filter="Timestamp gt 1")
    expected = {
        "Account": head["Customer"],
        "AmountDC": -121,
        "TransactionAmountDC": 121,
        "DueDate": head["DueDate"],
        "InvoiceNumber": 26700123,
        "IsFullyPaid": False,
        "LineType": 20,
        "Status": 20,
        "TransactionEntryID": head["EntryID"],
        "TransactionType": 20,
        "YourRef": "F2026-0123",
    }
    assert {name: term[name] for name in expected} == expected
    assert term["__metadata"]["uri"].endswith(f"/sync/Cashflow/PaymentTerms({term['Timestamp']}L)")
    receivable = exact.row("bulk/Cashflow/Receivables", filter="InvoiceNumber eq 26700123", select="ID,AccountCode")
    assert (receivable["ID"], receivable["AccountCode"]) == (term["ID"], exact.customer()["Code"])


def test_the_ledger_balances(sandbox: Sandbox) -> None:
    """The lines of an entry in the general ledger are the debt, the revenue and the VAT, and add up to nothing."""
    exact = start(sandbox)
    low = line(exact, VATCode="1", AmountFC="33.33", GLAccount=exact.coded("GLAccounts", "8030"))
    head = exact.post(PATH, entry(exact, line(exact), low, VATAmountFC="23.99"))
    own, path = f"EntryID eq guid'{head['EntryID']}'", "financialtransaction/TransactionLines"
    rows = exact.rows(path, filter=own, select="ID,LineNumber,GLAccountCode,AmountDC")
    assert [(row["GLAccountCode"], row["AmountDC"]) for row in rows] == [
        ("1300", Decimal("157.32")),
        ("8000", -100),
        ("8030", Decimal("-33.33")),
        ("1520", Decimal("-20.99")),
        ("1521", -3),
    ]
    assert sum(row["AmountDC"] for row in rows) == 0
    feed = exact.rows("sync/Financial/TransactionLines", filter="Timestamp gt 1")
    assert [row["ID"] for row in feed] == [row["ID"] for row in rows]
    later = exact.rows("sync/Financial/TransactionLines", filter=f"Timestamp gt {feed[1]['Timestamp']}L")
    assert [row["LineNumber"] for row in later] == [2, 3, 4]
    assert exact.entity(path, rows[4]["ID"])["GLAccountCode"] == "1521"
    behind = f"ID gt guid'{rows[1]['ID']}'"
    found = exact.rows("bulk/Financial/TransactionLines", filter=behind, select="LineNumber", skiptoken=behind[6:])
    assert [row["LineNumber"] for row in found] == [2, 3, 4]


def test_an_entry_can_change(sandbox: Sandbox) -> None:
    """A PUT changes the header, not journal and number; the term follows."""
    exact = start(sandbox)
    guid = exact.post(PATH, entry(exact))["EntryID"]
    changes = {"Journal": "71", "EntryNumber": 5, "EntryDate": "2026-11-02", "PaymentCondition": "14", "YourRef": "N"}
    assert exact.send("PUT", f"{PATH}(guid'{guid}')", changes | {"SalesEntryLines": []}).status_code == 204
    row = exact.entity(PATH, guid)
    assert (row["Journal"], row["EntryNumber"], row["ReportingPeriod"]) == ("70", 26700001, 11)
    assert (row["DueDate"], row["YourRef"], amounts(row)) == ("/Date(1794787200000)/", "N", ("21.00", "121.00"))
    (term,) = exact.table("PaymentTerms")
    assert (term["YourRef"], term["DueDate"]) == ("N", "2026-11-16T00:00:00")
    assert exact.send("PUT", f"{PATH}(guid'{guid}')", {"VATAmountFC": "20.99"}).status_code == 204
    assert amounts(exact.entity(PATH, guid)) == ("20.99", "120.99")


def test_lines_of_an_entry_can_change(sandbox: Sandbox) -> None:
    """Lines are added, changed and removed by themselves; with the last one goes the entry and its term."""
    exact = start(sandbox)
    guid = exact.post(PATH, entry(exact, line(exact, VATCode="3", AmountFC=121)))["EntryID"]
    added = exact.post(LINES, line(exact, EntryID=guid))["ID"]
    assert amounts(exact.entity(PATH, guid)) == ("42.00", "242.00")
    exact.send("PUT", f"{LINES}(guid'{added}')", {"VATAmountFC": "20.99"})
    exact.send("PUT", f"{LINES}(guid'{added}')", {"AmountFC": 200})
    assert amounts(exact.entity(PATH, guid)) == ("41.99", "341.99")
    first = exact.table("SalesEntryLines")[0]["ID"]
    exact.send("PUT", f"{LINES}(guid'{first}')", {"Description": "x"})
    assert amounts(exact.entity(PATH, guid)) == ("41.99", "341.99")
    assert exact.send("DELETE", f"{LINES}(guid'{first}')").status_code == 204
    assert amounts(exact.entity(PATH, guid)) == ("20.99", "220.99")
    assert exact.send("DELETE", f"{LINES}(guid'{added}')").status_code == 204
    assert exact.send("GET", f"{PATH}(guid'{guid}')").status_code == 404
    assert exact.table("SalesEntries") == exact.table("PaymentTerms") == []
    unknown = exact.send("POST", LINES, line(exact, EntryID=NOWHERE))
    assert refusal(unknown) == (500, ["Ongeldige referentie: Boeking"])


def test_a_paid_entry_stays(sandbox: Sandbox) -> None:
    """An entry whose term is matched cannot be removed; an open one can, and its term goes with it."""
    exact = start(sandbox)
    guid = exact.post(PATH, entry(exact))["EntryID"]
    (term,) = exact.table("PaymentTerms")
    sandbox.put_row("exact_online", "PaymentTerms", {"ID": term["ID"], "Status": 50})
    assert refusal(exact.send("DELETE", f"{PATH}(guid'{guid}')")) == (500, ["Reeds verwerkt"])
    sandbox.put_row("exact_online", "PaymentTerms", {"ID": term["ID"], "Status": 20})
    assert exact.send("DELETE", f"{PATH}(guid'{guid}')").status_code == 204
    log = exact.row("sync/Deleted", filter="Timestamp gt 1")
    assert (log["EntityType"], log["EntityKey"]) == (10, term["ID"])


def test_what_is_not_simulated_is_said(sandbox: Sandbox) -> None:
    """A reversal is refused rather than passed over."""
    exact = start(sandbox)
    answer = exact.send("POST", PATH, entry(exact, Reversal=True))
    assert refusal(answer) == (501, ["The sandbox does not simulate Reversal."])
