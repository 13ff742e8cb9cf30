"""Sales invoices of the Exact Online half, from the first POST to the printed invoice."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tests.sandbox.exact_online_calls import NOWHERE, Exact, content, invoice_line, refusal, sales_invoice

if TYPE_CHECKING:
    from tests.conftest import Sandbox

PATH = "salesinvoice/SalesInvoices"
LINES = "salesinvoice/SalesInvoiceLines"
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


def test_a_posted_invoice(sandbox: Sandbox) -> None:
    """An invoice is answered in full: open, without a number, due by its condition, times as local wall clock."""
    exact = start(sandbox)
    body = sales_invoice(exact)
    customer = exact.customer()
    row = exact.post(PATH, body)
    assert row["__metadata"]["type"] == "Exact.Web.Api.Models.SalesInvoice"
    expected = {
        "AmountDC": 121,
        "AmountFC": 121,
        "AmountFCExclVat": 100,
        "Currency": "EUR",
        "Description": "Servicecontract oktober",
        "Division": 1234567,
        "DueDate": "/Date(1792022400000)/",
        "InvoiceDate": "/Date(1790812800000)/",
        "InvoiceNumber": None,
        "InvoiceTo": customer["ID"],
        "InvoiceToName": customer["Name"],
        "JournalDescription": "Verkoopboek",
        "OrderDate": "/Date(1790812800000)/",
        "OrderNumber": 1,
        "PaymentConditionDescription": "14 dagen",
        "Status": 20,
        "StatusDescription": "Open",
        "Type": 8020,
        "TypeDescription": "Verkoopfactuur",
        "VATAmountDC": 21,
        "VATAmountFC": 21,
        "YourRef": "T20261001.0007",
    }
    assert {name: row[name] for name in expected} == expected
    assert row["Created"].startswith("/Date(179085908")
    assert row["SalesInvoiceLines"]["__deferred"]["uri"] == f"{row['__metadata']['uri']}/SalesInvoiceLines"


def test_defaults(sandbox: Sandbox) -> None:
    """A minimal invoice gets journal, parties, condition, currency and dates from the settings and the account."""
    exact = start(sandbox)
    customer = exact.customer()
    row = exact.post(PATH, {"OrderedBy": customer["ID"], "SalesInvoiceLines": [{"Item": exact.coded("Items", "REIS")}]})
    assert {name: row[name] for name in ("Journal", "InvoiceTo", "DeliverTo", "PaymentCondition", "OrderDate")} == {
        "Journal": "70",
        "InvoiceTo": customer["ID"],
        "DeliverTo": customer["ID"],
        "PaymentCondition": customer["PaymentConditionSales"],
        "OrderDate": "/Date(1790812800000)/",
    }
    (stored,) = exact.table("SalesInvoiceLines")
    assert (stored["Quantity"], stored["NetPrice"], stored["Description"]) == (1, 0, "Reistijd en voorrijkosten")
    assert (stored["GLAccountDescription"], stored["UnitCode"]) == ("Doorbelaste kosten", "stuk")


def test_lines_are_read_apart(sandbox: Sandbox) -> None:
    """Lines are found by their invoice, or expanded into it, with what the item and the ledger add."""
    exact = start(sandbox)
    lines = invoice_line(exact, CostCenter="SD", CostUnit="100"), invoice_line(exact, Notes="x" * 4000)
    head = exact.post(PATH, sales_invoice(exact, *lines))
    guid = head["InvoiceID"]
    select = "LineNumber,ItemCode,GLAccountDescription,CostCenterDescription,VATCode,VATPercentage,AmountFC"
    rows = exact.rows(LINES, filter=f"InvoiceID eq guid'{guid}'", select=select)
    assert [row["LineNumber"] for row in rows] == [1, 2]
    first = rows[0]
    assert (first["ItemCode"], first["GLAccountDescription"]) == ("ARBEID", "Omzet arbeid")
    assert (first["CostCenterDescription"], first["VATCode"]) == ("Servicedesk", "2  ")
    assert (first["VATPercentage"], first["AmountFC"]) == decimals("0.21", "100")
    expanded = exact.entity(PATH, guid, expand="SalesInvoiceLines")["SalesInvoiceLines"]["results"]
    assert [row["Notes"] for row in expanded] == [None, "x" * 4000]


@pytest.mark.parametrize(
    ("posted", "expected"),
    [
        ({"NetPrice": "50.125"}, ("0", "50.125", "0", "100.25")),
        ({"NetPrice": None, "UnitPrice": 80, "Discount": "0.25"}, ("80", "60", "0.25", "120")),
        ({"NetPrice": 60, "UnitPrice": 80}, ("80", "60", "0.25", "120")),
        ({"NetPrice": None, "UnitPrice": 80}, ("80", "80", "0", "160")),
        ({"NetPrice": "0.3333333", "Quantity": "1.2345678"}, ("0", "0.3333333", "0", "0.41")),
        ({"NetPrice": None, "AmountFC": "99.99"}, ("49.995", "49.995", "0", "99.99")),
        ({"NetPrice": 10, "AmountFC": 99}, ("0", "10", "0", "20")),
        ({"NetPrice": "0.005", "Quantity": 1}, ("0", "0.005", "0", "0.01")),
        ({"NetPrice": "-0.005", "Quantity": 1}, ("0", "-0.005", "0", "-0.01")),
        ({"Quantity": 0}, ("0", "50", "0", "0")),
    ],
)
def test_prices(sandbox: Sandbox, posted: JSON, expected: tuple[str, ...]) -> None:
    """A line's amount is net price times quantity in cents; the list price is the item's unless it is posted."""
    exact = start(sandbox)
    exact.post(PATH, sales_invoice(exact, invoice_line(exact, **posted)))
    (stored,) = exact.table("SalesInvoiceLines")
    assert tuple(stored[name] for name in ("UnitPrice", "NetPrice", "Discount", "AmountFC")) == decimals(*expected)


def test_list_price_of_an_item(sandbox: Sandbox) -> None:
    """With only a net price the unit price stays the item's own, and the discount is what lies between."""
    exact = start(sandbox)
    exact.post(PATH, sales_invoice(exact, invoice_line(exact, Item=exact.coded("Items", "HW-1001"), NetPrice="854.10")))
    (stored,) = exact.table("SalesInvoiceLines")
    assert (stored["UnitPrice"], stored["Discount"]) == decimals("949", "0.1")


@pytest.mark.parametrize(("rounding", "high", "low"), [("code", "0.25", "0.06"), ("line", "0.30", "0.06")])
def test_vat_of_a_document(sandbox: Sandbox, rounding: str, high: str, low: str) -> None:
    """VAT is rounded once per code over the document, or line by line where the switch says so."""
    exact = start(sandbox, vat_rounding=rounding)
    lines = [invoice_line(exact, Quantity=1, NetPrice="0.12")] * 10
    lines.append(invoice_line(exact, Quantity=1, NetPrice="0.72", VATCode="1"))
    vat = Decimal(high) + Decimal(low)
    assert amounts(exact.post(PATH, sales_invoice(exact, *lines))) == (Decimal("1.92"), vat, Decimal("1.92") + vat)


def test_prices_that_include_vat(sandbox: Sandbox) -> None:
    """With a VAT code of type I the net price holds the VAT, and the line shows the amount without it."""
    exact = start(sandbox)
    row = exact.post(PATH, sales_invoice(exact, invoice_line(exact, NetPrice="60.50", VATCode="3  ")))
    assert amounts(row) == decimals("100", "21", "121")
    (stored,) = exact.table("SalesInvoiceLines")
    assert (stored["AmountFC"], stored["VATAmountFC"]) == decimals("100", "21")


def test_foreign_currency(sandbox: Sandbox) -> None:
    """Amounts in the division's currency follow the exchange rate; an account's own currency is the default."""
    exact = start(sandbox)
    row = exact.post(PATH, sales_invoice(exact, invoice_line(exact, NetPrice="33.33", VATCode="7"), Currency="USD"))
    assert (row["AmountFC"], row["AmountDC"]) == decimals("66.66", "61.33")
    american = next(account for account in exact.table("Accounts") if account.get("SalesCurrency") == "USD")
    assert exact.post(PATH, sales_invoice(exact, OrderedBy=american["ID"]))["Currency"] == "USD"


def test_credits(sandbox: Sandbox) -> None:
    """A negative quantity credits; a credit note keeps the posted sign, or turns it with the switch."""
    exact = start(sandbox)
    credit = exact.post(PATH, sales_invoice(exact, invoice_line(exact, Quantity=-2)))
    assert amounts(credit) == decimals("-100", "-21", "-121")
    assert amounts(exact.post(PATH, sales_invoice(exact, Type=8021))) == decimals("100", "21", "121")
    exact = start(sandbox, credit_note_sign="negated")
    assert amounts(exact.post(PATH, sales_invoice(exact, Type=8021))) == decimals("-100", "-21", "-121")
    assert amounts(exact.post(PATH, sales_invoice(exact))) == decimals("100", "21", "121")


def test_switches_of_amounts(sandbox: Sandbox) -> None:
    """A posted VAT amount counts, and prices are rounded when stored, only with their switches."""
    exact = start(sandbox)
    assert exact.post(PATH, sales_invoice(exact, invoice_line(exact, VATAmountFC=5)))["VATAmountFC"] == 21
    exact = start(sandbox, invoice_vat_posted=True, price_decimals=2)
    row = exact.post(PATH, sales_invoice(exact, invoice_line(exact, VATAmountFC=5, NetPrice="50.005")))
    assert amounts(row) == decimals("100.02", "5", "105.02")


@pytest.mark.parametrize(
    ("changes", "problems"),
    [
        ({"OrderedBy": None}, ["Verplicht: Factuur voor", "Verplicht: Besteld door"]),
        (
            {"OrderedBy": NOWHERE, "DeliverTo": NOWHERE},
            ["Ongeldige referentie: Leveren aan", "Ongeldige referentie: Besteld door"],
        ),
        ({"Journal": "99"}, ["Ongeldige referentie: Journals"]),
        ({"Journal": "60"}, ["Ongeldig: Dagboek"]),
        ({"PaymentCondition": "99"}, ["Ongeldige referentie: Betalingsconditie"]),
        ({"Currency": "XYZ"}, ["Ongeldige referentie: Valuta"]),
        ({"Document": NOWHERE}, ["Ongeldige referentie: Document"]),
        ({"Salesperson": NOWHERE}, ["Ongeldige referentie: Salesperson"]),
        ({"Type": 8022}, ["Ongeldig: Type"]),
        ({"Type": 8023}, ["Verplicht: Magazijn"]),
        ({"SalesInvoiceLines": []}, ["Verplicht: Regels"]),
        ({"Description": "x" * 61}, ["Te lang: Omschrijving"]),
    ],
)
def test_headers_are_validated(sandbox: Sandbox, changes: JSON, problems: list[str]) -> None:
    """A wrong header is 500 with all messages in Dutch, and nothing is stored or numbered."""
    exact = start(sandbox)
    status, texts = refusal(exact.send("POST", PATH, sales_invoice(exact) | changes))
    assert (status, sorted(texts)) == (500, sorted(problems))
    assert exact.table("SalesInvoices") == exact.table("SalesInvoiceLines") == []
    assert exact.post(PATH, sales_invoice(exact))["OrderNumber"] == 1


@pytest.mark.parametrize(
    ("changes", "problems"),
    [
        ({"Item": None}, ["Verplicht: Artikel"]),
        ({"Item": NOWHERE}, ["Ongeldige referentie: Artikel"]),
        ({"VATCode": "99"}, ["Ongeldige referentie: Btw-code"]),
        ({"GLAccount": NOWHERE}, ["Ongeldige referentie: Grootboekrekening"]),
        (
            {"CostCenter": "XX", "CostUnit": "XX"},
            ["Ongeldige referentie: Kostenplaats", "Ongeldige referentie: Kostendrager"],
        ),
        ({"UnitCode": "liter"}, ["Ongeldige referentie: Eenheid"]),
        ({"Project": NOWHERE}, ["Ongeldige referentie: Project"]),
    ],
)
def test_lines_are_validated(sandbox: Sandbox, changes: JSON, problems: list[str]) -> None:
    """A wrong line refuses the whole invoice, also when another line is right, and each message comes once."""
    exact = start(sandbox)
    wrong = invoice_line(exact) | changes
    status, texts = refusal(exact.send("POST", PATH, sales_invoice(exact, invoice_line(exact), wrong, wrong)))
    assert (status, sorted(texts)) == (500, sorted(problems))
    assert exact.table("SalesInvoices") == []


def test_ledger_accounts_are_validated(sandbox: Sandbox) -> None:
    """A sales line cannot be booked on receivables, nor with a VAT code that is blocked or for purchases."""
    exact = start(sandbox)
    debtors = invoice_line(exact, GLAccount=exact.coded("GLAccounts", "1300"))
    answer = exact.send("POST", PATH, sales_invoice(exact, debtors))
    assert refusal(answer) == (500, ["Ongeldig: Grootboekrekeningtype"])
    sandbox.put_row("exact_online", "VATCodes", {"ID": exact.coded("VATCodes", "2"), "VATTransactionType": "P"})
    assert refusal(exact.send("POST", PATH, sales_invoice(exact))) == (500, ["Niet toegestaan: Btw-code"])
    sandbox.put_row("exact_online", "VATCodes", {"ID": exact.coded("VATCodes", "2"), "VATTransactionType": "B"})
    revenue = exact.coded("GLAccounts", "8000")
    sandbox.put_row("exact_online", "GLAccounts", {"ID": revenue, "UseCostcenter": 1})
    assert refusal(exact.send("POST", PATH, sales_invoice(exact))) == (500, ["Verplicht: Kostenplaats"])


def test_only_customers_are_invoiced(sandbox: Sandbox) -> None:
    """A prospect or supplier is refused as who pays."""
    exact = start(sandbox)
    for account in exact.table("Accounts"):
        status = exact.send("POST", PATH, sales_invoice(exact, InvoiceTo=account["ID"])).status_code
        assert (status == 201) == (account["Status"] == "C")
    prospect = next(account for account in exact.table("Accounts") if account["Status"] == "P")
    answer = exact.send("POST", PATH, sales_invoice(exact, OrderedBy=prospect["ID"]))
    assert refusal(answer) == (500, ["Ongeldig: Factuur voor (Type)"])


def test_english_users_get_english_texts(sandbox: Sandbox) -> None:
    """Texts are in the language of the user."""
    exact = start(sandbox, language="en")
    answer = exact.send("POST", PATH, sales_invoice(exact, invoice_line(exact, CostUnit="XX"), Journal="60"))
    status, texts = refusal(answer)
    assert (status, sorted(texts)) == (500, ["Invalid reference: Cost unit", "Invalid: Journal"])


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"{", "valid top-level resource object"),
        (b"[]", "valid top-level resource object"),
        (b"\xff\xfe", "valid top-level resource object"),
        (b"[" * 100_000, "valid top-level resource object"),
        (b'{"SalesInvoiceLines": {"Item": null}}', "valid top-level resource object"),
        (b'{"SalesInvoiceLines": [5]}', "valid top-level resource object"),
        (b'{"Klant": "x"}', "'Klant' specified for type 'Exact.Web.Api.Models.SalesInvoice' is not valid"),
        (b'{"SalesInvoiceLines": [{"SalesVatCode": "2"}]}', "'SalesVatCode' specified for type "),
        (b'{"OrderedBy": "D10007"}', "'OrderedBy' to type 'Edm.Guid'"),
        (b'{"OrderDate": "1 oktober"}', "'OrderDate' to type 'Edm.DateTime'"),
        (b'{"OrderNumber": 2147483648}', "'OrderNumber' to type 'Edm.Int32'"),
        (b'{"OrderNumber": 1.5}', "'OrderNumber' to type 'Edm.Int32'"),
        (b'{"OrderNumber": true}', "'OrderNumber' to type 'Edm.Int32'"),
        (b'{"Description": 5}', "'Description' to type 'Edm.String'"),
        (b'{"SalesInvoiceLines": [{"NetPrice": "veel"}]}', "'NetPrice' to type 'Edm.Double'"),
        (b'{"SalesInvoiceLines": [{"NetPrice": 1e300}]}', "'NetPrice' to type 'Edm.Double'"),
        (b'{"SalesInvoiceLines": [{"NetPrice": "NaN"}]}', "'NetPrice' to type 'Edm.Double'"),
    ],
)
def test_malformed_bodies(sandbox: Sandbox, body: bytes, text: str) -> None:
    """What is no JSON object of known properties and right types is 400."""
    exact = start(sandbox)
    status, (message,) = refusal(exact.send_raw("POST", PATH, body))
    assert status == 400
    assert message.startswith("Error processing request stream. ")
    assert text in message


def test_read_only_properties_are_ignored(sandbox: Sandbox) -> None:
    """What cannot be written is silently left out, an own guid too."""
    exact = start(sandbox)
    ignored = {"InvoiceID": NOWHERE, "InvoiceNumber": 26700999, "Status": 50, "AmountFC": 5, "CreatorFullName": "Ik"}
    row = exact.post(PATH, sales_invoice(exact) | ignored)
    assert row["InvoiceID"] != NOWHERE
    assert (row["InvoiceNumber"], row["Status"], row["AmountFC"]) == (None, 20, 121)
    assert row["CreatorFullName"] == "Sanne de Vries"


@pytest.mark.parametrize(("posts", "date"), [(False, "/Date(1790812800000)/"), (True, "/Date(1791158400000)/")])
def test_the_invoice_date(sandbox: Sandbox, posts: bool, date: str) -> None:  # noqa: FBT001 - a switch
    """Until printing the invoice date is the order date; a posted one counts only with the switch."""
    exact = start(sandbox, invoice_date_posted=posts)
    assert exact.post(PATH, sales_invoice(exact, InvoiceDate="2026-10-05"))["InvoiceDate"] == date


def test_texts_survive(sandbox: Sandbox) -> None:
    """Quotes, emoji, NUL and markup come back as they were sent; too long ones are cut or kept by the switch."""
    exact = start(sandbox)
    text = 'O\'Brien "x" <b>&amp; \U0001f4b6 \0 é'
    assert exact.post(PATH, sales_invoice(exact, Description=text))["Description"] == text
    for rule, length in (("cut", 60), ("keep", 70)):
        exact = start(sandbox, long_text=rule)
        assert len(exact.post(PATH, sales_invoice(exact, Description="x" * 70))["Description"]) == length


def test_what_is_not_simulated_is_said(sandbox: Sandbox) -> None:
    """A header value that would change the total is refused rather than passed over."""
    exact = start(sandbox)
    assert refusal(exact.send("POST", PATH, sales_invoice(exact, Discount=0.1))) == (
        501,
        ["The sandbox does not simulate Discount."],
    )


def test_status_of_a_post(sandbox: Sandbox) -> None:
    """A POST answers 201, or 200 as seen through a proxy, with the address of the row."""
    exact = start(sandbox, create_status=200)
    answer = exact.send("POST", PATH, sales_invoice(exact))
    assert answer.status_code == 200
    assert content(exact.send("GET", answer.headers["Location"]))["d"]["YourRef"] == "T20261001.0007"
