"""Sales invoices of the Exact Online half after the first POST: changed, removed, printed."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tests.sandbox.exact_online_calls import NOWHERE, Exact, content, invoice_line, refusal, sales_invoice

if TYPE_CHECKING:
    from tests.conftest import Sandbox

PATH = "salesinvoice/SalesInvoices"
LINES = "salesinvoice/SalesInvoiceLines"
PRINTED = "salesinvoice/PrintedSalesInvoices"
JSON = dict[str, Any]


def start(sandbox: Sandbox, **switches: Any) -> Exact:
    """Reset to a known day, with switches, and sign in."""
    sandbox.reset(now="2026-10-01T10:51:26.220Z", exact_online=switches)
    return Exact(sandbox)


def amounts(row: JSON) -> tuple[Decimal, Decimal, Decimal]:
    """Return net, VAT and gross of an invoice."""
    return row["AmountFCExclVat"], row["VATAmountFC"], row["AmountFC"]


def decimals(*texts: str) -> tuple[Decimal, ...]:
    """Return amounts."""
    return tuple(map(Decimal, texts))


def test_an_open_invoice_can_change(sandbox: Sandbox) -> None:
    """A PUT changes what it names and nothing else; the due date follows; lines in it are ignored."""
    exact = start(sandbox)
    guid = exact.post(PATH, sales_invoice(exact))["InvoiceID"]
    changes: JSON = {"PaymentCondition": "30", "Description": None, "Currency": None, "SalesInvoiceLines": []}
    answer = exact.send("PUT", f"{PATH}(guid'{guid}')", changes)
    assert (answer.status_code, answer.content) == (204, b"")
    row = exact.entity(PATH, guid)
    assert (row["DueDate"], row["Description"], row["YourRef"]) == ("/Date(1793404800000)/", None, "T20261001.0007")
    assert (row["Currency"], row["AmountFC"]) == ("EUR", 121)
    wrong = exact.send("PUT", f"{PATH}(guid'{guid}')", {"Journal": "60", "OrderedBy": NOWHERE})
    assert refusal(wrong) == (500, ["Ongeldige referentie: Besteld door", "Ongeldig: Dagboek"])


def test_lines_of_an_open_invoice_can_change(sandbox: Sandbox) -> None:
    """Lines are added, changed and removed by themselves, and the invoice is added up again."""
    exact = start(sandbox)
    guid = exact.post(PATH, sales_invoice(exact))["InvoiceID"]
    added = exact.post(LINES, invoice_line(exact, InvoiceID=guid, VATCode="1"))
    assert amounts(exact.entity(PATH, guid)) == decimals("200", "30", "230")
    exact.send("PUT", f"{LINES}(guid'{added['ID']}')", {"NetPrice": 100, "VATCode": "2"})
    assert amounts(exact.entity(PATH, guid)) == decimals("300", "63", "363")
    exact.send("PUT", f"{LINES}(guid'{added['ID']}')", {"Quantity": 1})
    assert amounts(exact.entity(PATH, guid)) == decimals("200", "42", "242")
    assert exact.send("DELETE", f"{LINES}(guid'{added['ID']}')").status_code == 204
    assert amounts(exact.entity(PATH, guid)) == decimals("100", "21", "121")
    unknown = exact.send("POST", LINES, invoice_line(exact, InvoiceID=NOWHERE))
    assert refusal(unknown) == (500, ["Ongeldige referentie: Factuur"])


def test_an_open_invoice_can_be_removed(sandbox: Sandbox) -> None:
    """A DELETE takes header and lines, and leaves a line for each in the log of deletions."""
    exact = start(sandbox)
    guid = exact.post(PATH, sales_invoice(exact))["InvoiceID"]
    gone = {guid, *(row["ID"] for row in exact.table("SalesInvoiceLines"))}
    assert exact.send("DELETE", f"{PATH}(guid'{guid}')").status_code == 204
    assert exact.send("GET", f"{PATH}(guid'{guid}')").status_code == 404
    assert exact.table("SalesInvoices") == exact.table("SalesInvoiceLines") == []
    log = exact.rows("sync/Deleted", filter="Timestamp gt 1 and EntityType eq 13")
    assert {row["EntityKey"] for row in log} == gone


def test_printing_makes_definitive(sandbox: Sandbox) -> None:
    """A printed invoice has a number, an entry of the same number and amounts, a document with a file, and a term."""
    exact = start(sandbox)
    lines = [invoice_line(exact, CostCenter="SD"), invoice_line(exact, NetPrice="0.07", VATCode="3", Quantity=1)]
    posted = exact.post(PATH, sales_invoice(exact, *lines))
    answer = exact.post(PRINTED, {"InvoiceID": posted["InvoiceID"], "SendEmailToCustomer": False})
    assert (answer["DocumentCreationSuccess"] is None, answer["DocumentCreationError"]) == (False, None)
    assert answer["EmailCreationSuccess"] is None
    printed = exact.entity(PATH, posted["InvoiceID"])
    assert (printed["Status"], printed["StatusDescription"], printed["InvoiceNumber"]) == (50, "Verwerkt", 26700001)
    (entry,) = exact.table("SalesEntries")
    assert (entry["EntryNumber"], entry["InvoiceNumber"], entry["YourRef"]) == (26700001, 26700001, "T20261001.0007")
    assert (entry["VATAmountFC"], entry["AmountFC"]) == (printed["VATAmountFC"], printed["AmountFC"])
    assert [line.get("CostCenter") for line in exact.table("SalesEntryLines")] == ["SD", None]
    (document,) = exact.table("Documents")
    assert (document["ID"], document["Type"], document["SalesInvoiceNumber"]) == (answer["Document"], 10, 26700001)
    file = exact.row("documents/DocumentAttachments", filter=f"Document eq guid'{document['ID']}'")
    assert exact.send("GET", f"{file['Url']}&Download=1").content.startswith(b"%PDF")
    (term,) = exact.table("PaymentTerms")
    assert (term["InvoiceNumber"], term["AmountDC"]) == (26700001, -printed["AmountFC"])
    assert sum(row["AmountDC"] for row in exact.table("TransactionLines")) == 0


def test_printing_sets_the_date(sandbox: Sandbox) -> None:
    """A date given at printing becomes the invoice date, the due date follows, and the number is of its year."""
    exact = start(sandbox)
    guid = exact.post(PATH, sales_invoice(exact))["InvoiceID"]
    exact.post(PRINTED, {"InvoiceID": guid, "InvoiceDate": "2025-12-31", "SendEmailToCustomer": True})
    (row,) = exact.table("SalesInvoices")
    assert (row["InvoiceDate"], row["DueDate"]) == ("2025-12-31T00:00:00", "2026-01-14T00:00:00")
    assert row["InvoiceNumber"] == 25700001
    (entry,) = exact.table("SalesEntries")
    assert (entry["ReportingYear"], entry["ReportingPeriod"], entry["EntryDate"]) == (2025, 12, row["InvoiceDate"])


@pytest.mark.parametrize(("method", "body"), [("PUT", {"YourRef": "x"}), ("DELETE", None)])
def test_what_is_printed_stays(sandbox: Sandbox, method: str, body: JSON | None) -> None:
    """A printed invoice is not printed again, changed or removed, nor are its lines."""
    exact = start(sandbox)
    guid = exact.post(PATH, sales_invoice(exact))["InvoiceID"]
    exact.post(PRINTED, {"InvoiceID": guid})
    (line,) = exact.table("SalesInvoiceLines")
    before = exact.table("SalesInvoices")
    processed = (500, ["Reeds verwerkt"])
    assert refusal(exact.send("POST", PRINTED, {"InvoiceID": guid})) == processed
    assert refusal(exact.send(method, f"{PATH}(guid'{guid}')", body)) == processed
    line_body = None if body is None else {"Description": "x"}
    assert refusal(exact.send(method, f"{LINES}(guid'{line['ID']}')", line_body)) == processed
    assert refusal(exact.send("POST", LINES, invoice_line(exact, InvoiceID=guid))) == processed
    assert exact.table("SalesInvoices") == before


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"InvoiceID": None}, "Verplicht: Factuur"),
        ({"InvoiceID": NOWHERE}, "Ongeldige referentie: Factuur"),
        ({"DocumentLayout": NOWHERE}, "Ongeldige referentie: Layout"),
        ({"InvoiceDate": "2026-09-30"}, "De periode is afgesloten"),
        ({"InvoiceDate": "1999-01-01"}, "Onbekend: Boekjaar (Periode-datumtabel)"),
    ],
)
def test_printing_is_validated(sandbox: Sandbox, changes: JSON, problem: str) -> None:
    """A refused printing leaves the invoice open and uses no number."""
    exact = start(sandbox, closed_until="2026-09-30")
    guid = exact.post(PATH, sales_invoice(exact))["InvoiceID"]
    assert refusal(exact.send("POST", PRINTED, {"InvoiceID": guid} | changes)) == (500, [problem])
    assert exact.entity(PATH, guid)["Status"] == 20
    layout = exact.rows("salesinvoice/Layouts")[0]["ID"]
    exact.post(PRINTED, {"InvoiceID": guid, "DocumentLayout": layout})
    assert exact.entity(PATH, guid)["InvoiceNumber"] == 26700001


def test_numbers_at_entry(sandbox: Sandbox) -> None:
    """Where the company numbers at entry, the number stands from the first POST and is kept at printing."""
    exact = start(sandbox, invoice_number_at="entry")
    first, second = (exact.post(PATH, sales_invoice(exact)) for _ in range(2))
    assert [row["InvoiceNumber"] for row in (first, second)] == [26700001, 26700002]
    exact.post(PRINTED, {"InvoiceID": second["InvoiceID"]})
    assert [row["EntryNumber"] for row in exact.table("SalesEntries")] == [26700002]


def test_printed_invoices_and_entries_share_numbers(sandbox: Sandbox) -> None:
    """A journal counts printed invoices and posted entries together."""
    exact = start(sandbox)
    gl_account = exact.coded("GLAccounts", "8000")
    entry = {"Customer": exact.customer()["ID"], "Journal": "70", "SalesEntryLines": [{"GLAccount": gl_account}]}
    exact.post("salesentry/SalesEntries", entry | {"EntryNumber": 26700005})
    guid = exact.post(PATH, sales_invoice(exact))["InvoiceID"]
    exact.post(PRINTED, {"InvoiceID": guid})
    assert content(exact.send("GET", f"{PATH}(guid'{guid}')", select="InvoiceNumber"))["d"]["InvoiceNumber"] == 26700006
