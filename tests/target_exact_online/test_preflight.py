from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from target_exact_online import master_data as md
from target_exact_online.preflight import PreparedInvoice, check
from tests.target_exact_online.papers import entry, invoice, line
from tests.target_exact_online.shelf import DEFAULTS, Shelf
from transfer_ledger.documents import Partner
from transfer_ledger.exceptions import Ambiguous
from transfer_ledger.ledger import Link

if TYPE_CHECKING:
    from target_exact_online.findings import Findings
    from transfer_ledger.documents import SalesInvoice

LATE, EARLY = "/Date(1893456000000)/", "/Date(1577836800000)/"
"""The first days of 2030 and of 2020."""
LINK = Link(kind="accounts", source_system="autotask", source_tenant="1", source_id="100", receiver_id="Accounts K100")


def checked(
    document: SalesInvoice, shelf: Shelf | None = None, link: Link | None = None, **settings: Any
) -> tuple[PreparedInvoice, Findings]:
    """Check a document against the shelf."""
    return check(document, (shelf or Shelf()).as_lists(), link, DEFAULTS | settings)


def told(findings: Findings) -> list[tuple[str, str]]:
    """Return field and message of what was found."""
    return [(problem.field, problem.message) for problem in findings.problems]


def with_line(**more: Any) -> SalesInvoice:
    """Return an invoice with such a line."""
    return invoice(lines=[line(**more)])


@pytest.mark.parametrize("document", [invoice(), invoice(form="sales_order"), entry()], ids=lambda one: str(one.form))
def test_nothing_is_wrong(document: SalesInvoice) -> None:
    """A document whose codes all exist has no problem, and its ids are resolved."""
    prepared, findings = checked(document)
    assert told(findings) == []
    assert prepared.customer_id == "Accounts K100"
    needed = "gl_account" if document.form == "sales_entry" else "item"
    assert prepared.ids[0][needed] in ("GLAccounts 8000", "Items ARBEID")


@pytest.mark.parametrize(
    ("document", "shelf", "field", "message"),
    [
        pytest.param(invoice(code="K999"), Shelf(), "customer.code", "has no account K999", id="no account"),
        pytest.param(invoice(code=""), Shelf(), "customer.code", "has no code and is not linked", id="no code"),
        pytest.param(
            invoice(), Shelf().change(md.ACCOUNTS, "K100", Status="P"), "customer.code", "is a prospect", id="prospect"
        ),
        pytest.param(
            invoice(), Shelf().change(md.ACCOUNTS, "K100", Status="A"), "customer.code", "is no customer", id="supplier"
        ),
        pytest.param(
            invoice(), Shelf().change(md.ACCOUNTS, "K100", Blocked=True), "customer.code", "is blocked", id="blocked"
        ),
        pytest.param(
            invoice(), Shelf().change(md.ACCOUNTS, "K100", EndDate=EARLY), "customer.code", "ended on 2020", id="ended"
        ),
        pytest.param(invoice(), Shelf().double(md.ACCOUNTS, "K100"), "customer.code", "2 of account K100", id="twice"),
        pytest.param(invoice(journal="99"), Shelf(), "journal", "has no journal 99", id="no journal"),
        pytest.param(
            invoice(), Shelf().change(md.JOURNALS, "70", Type=22), "journal", "is no sales journal", id="other journal"
        ),
        pytest.param(
            invoice(), Shelf().change(md.JOURNALS, "70", IsBlocked=True), "journal", "is blocked", id="blocked journal"
        ),
        pytest.param(
            invoice(currency="USD"),
            Shelf().change(md.JOURNALS, "70", AllowVariableCurrency=False),
            "journal",
            "takes EUR only, not USD",
            id="currency",
        ),
        pytest.param(entry(journal=None), Shelf(), "journal", "needs a journal", id="entry without journal"),
        pytest.param(
            invoice(payment_condition="99"), Shelf(), "payment_condition", "no payment condition 99", id="condition"
        ),
        pytest.param(with_line(item="X"), Shelf(), "lines[0].item", "has no item X", id="no item"),
        pytest.param(with_line(item=None), Shelf(), "lines[0].item", "has no item", id="line without item"),
        pytest.param(
            invoice(),
            Shelf().change(md.ITEMS, "ARBEID", IsSalesItem=False),
            "lines[0].item",
            "is not sold",
            id="not sold",
        ),
        pytest.param(
            invoice(),
            Shelf().change(md.ITEMS, "ARBEID", StartDate=LATE),
            "lines[0].item",
            "starts on 2030-01-01",
            id="item later",
        ),
        pytest.param(
            entry(lines=[line(gl_account="9")]), Shelf(), "lines[0].gl_account", "no G/L account 9", id="no G/L"
        ),
        pytest.param(
            entry(lines=[line()]), Shelf(), "lines[0].gl_account", "has no gl account", id="entry without G/L account"
        ),
        pytest.param(
            entry(),
            Shelf().change(md.GL_ACCOUNTS, "8000", Type=24),
            "lines[0].gl_account",
            "is an account for VAT",
            id="VAT account",
        ),
        pytest.param(
            entry(),
            Shelf().change(md.GL_ACCOUNTS, "8000", IsBlocked=True),
            "lines[0].gl_account",
            "is blocked",
            id="blocked G/L account",
        ),
        pytest.param(
            entry(),
            Shelf().change(md.GL_ACCOUNTS, "8000", UseCostcenter=1),
            "lines[0].gl_account",
            "wants a cost centre",
            id="cost centre wanted",
        ),
        pytest.param(with_line(vat_code="9"), Shelf(), "lines[0].vat_code", "has no VAT code 9", id="no VAT code"),
        pytest.param(
            invoice(),
            Shelf().change(md.VAT_CODES, "2", Type="I"),
            "lines[0].vat_code",
            "includes VAT",
            id="inclusive",
        ),
        pytest.param(
            invoice(),
            Shelf().change(md.VAT_CODES, "2", Percentage=Decimal("0.19")),
            "lines[0].vat_code",
            "has 19 % in Exact Online, the invoice 21 %",
            id="other rate",
        ),
        pytest.param(
            invoice(),
            Shelf().change(md.VAT_CODES, "2", VATTransactionType="P"),
            "lines[0].vat_code",
            "is for purchases only",
            id="purchases",
        ),
        pytest.param(
            invoice(),
            Shelf().change(md.VAT_CODES, "2", IsBlocked=True),
            "lines[0].vat_code",
            "is blocked",
            id="blocked VAT code",
        ),
        pytest.param(
            with_line(cost_center="X"), Shelf(), "lines[0].cost_center", "has no cost centre X", id="no cost centre"
        ),
        pytest.param(
            with_line(cost_unit="100"),
            Shelf().change(md.COST_UNITS, "100", EndDate=EARLY),
            "lines[0].cost_unit",
            "ended on 2020-01-01",
            id="cost unit ended",
        ),
        pytest.param(with_line(unit="dag"), Shelf(), "lines[0].unit", "has no unit dag", id="no unit"),
        pytest.param(with_line(project="P9"), Shelf(), "lines[0].project", "has no project P9", id="no project"),
        pytest.param(invoice(reference="x" * 41), Shelf(), "reference", "1 to 40 characters", id="long reference"),
        pytest.param(invoice(reference="\x00 "), Shelf(), "reference", "1 to 40 characters", id="no reference"),
        pytest.param(invoice(reference="A  1"), Shelf(), "reference", "doubled blanks", id="uneven reference"),
        pytest.param(invoice(invoice_date=None), Shelf(), "invoice_date", "has no invoice date", id="no date"),
        pytest.param(invoice(lines=[]), Shelf(), "lines", "has no lines", id="no lines"),
        pytest.param(
            invoice(keep_number=True), Shelf(), "keep_number", "always numbers sales invoices itself", id="keep number"
        ),
        pytest.param(entry(keep_number=True), Shelf(), "keep_number", "is a whole number", id="number in words"),
        pytest.param(
            entry(keep_number=True, number="9" * 20), Shelf(), "keep_number", "is a whole number", id="huge number"
        ),
    ],
)
def test_what_is_wrong_is_named(document: SalesInvoice, shelf: Shelf, field: str, message: str) -> None:
    """Each fault is one problem that names the field, with advice, before anything is sent."""
    _, findings = checked(document, shelf)
    assert [name for name, _ in told(findings)] == [field]
    assert message in told(findings)[0][1]
    assert findings.failure().advice


def test_all_problems_come_at_once() -> None:
    """A document with four faults tells four, and the advice to each."""
    document = invoice(code="K999", journal="99", payment_condition="99", lines=[line(item="X")])
    failure = checked(document)[1].failure()
    assert [problem.field for problem in failure.problems] == [
        "customer.code",
        "journal",
        "payment_condition",
        "lines[0].item",
    ]
    for code in ("K999", "journal 99", "payment condition 99", "item X"):
        assert f"Create {'account ' if code == 'K999' else ''}{code}" in failure.advice


def test_what_lines_have_in_common_is_told_once() -> None:
    """Thirty lines of one missing item are one problem."""
    _, findings = checked(invoice(lines=[line(item="X") for _ in range(30)]))
    assert told(findings) == [("lines[0].item", "Exact Online has no item X")]


def test_several_accounts_with_one_code_are_a_choice_for_a_person() -> None:
    """More than one candidate is never resolved by taking the first; both are named."""
    failure = checked(invoice(), Shelf().double(md.ACCOUNTS, "K100"))[1].failure()
    assert isinstance(failure, Ambiguous)
    assert failure.candidates == [
        "'t Hoekje & Zn (Accounts K100)",
        "'t Hoekje & Zn (other Accounts K100)",
    ]


def test_a_problem_names_the_settings_row() -> None:
    """The row of the mapping that gave the code is the setting to look at."""
    document = with_line(item="X", rules={"item": "invoices.items[3]"})
    document.journal, document.rules = "99", {"journal": "invoices.journal"}
    _, findings = checked(document)
    assert [problem.setting for problem in findings.problems] == ["invoices.journal", "invoices.items[3]"]


@pytest.mark.parametrize(
    ("field", "change", "says"),
    [
        ("totals.gross", {"gross": Decimal("242.01")}, "242.01 in the source system; Exact Online will compute 242.00"),
        ("totals.vat", {"vat": Decimal("41.99")}, "Exact Online will compute 42.00"),
        ("totals.net", {"net": Decimal("199.00")}, "Exact Online will compute 200.00"),
    ],
)
def test_a_cent_is_a_problem(field: str, change: dict[str, Decimal], says: str) -> None:
    """Totals that Exact will compute otherwise are told with both figures, before anything is sent."""
    document = invoice()
    for name, amount in change.items():
        setattr(document.totals, name, amount)
    _, findings = checked(document)
    assert [name for name, _ in told(findings)] == [field]
    assert says in told(findings)[0][1]


def test_totals_of_codes_unknown_are_not_guessed() -> None:
    """Without a VAT code Exact chooses one, so nothing is predicted; the answer is compared all the same."""
    document = with_line(vat_code=None, vat_rate=None)
    document.totals.vat = Decimal("18.00")
    assert told(checked(document)[1]) == []


def test_a_rate_may_stand_as_a_percentage() -> None:
    """Where Exact gives 21 for 21 %, it is the same rate."""
    assert told(checked(invoice(), Shelf().change(md.VAT_CODES, "2", Percentage=21))[1]) == []


def test_a_line_that_does_not_multiply_can_be_a_problem() -> None:
    """With `uneven_lines: fail` the line is named with its figures."""
    document = with_line(quantity=Decimal("0.3333333"), amount=Decimal("33.34"))
    _, findings = checked(document, uneven_lines="fail")
    assert told(findings) == [
        (
            "lines[0].amount",
            "Line 1: quantity 0.3333333 times price 100 does not give its amount 33.34 in Exact Online",
        )
    ]


def test_an_item_that_is_not_sold_in_parts() -> None:
    """A broken quantity of such an item goes as its amount."""
    shelf = Shelf().change(md.ITEMS, "ARBEID", IsFractionAllowedItem=False)
    prepared, findings = checked(with_line(quantity=Decimal("1.5"), amount=Decimal(150)), shelf)
    assert told(findings) == []
    assert prepared.prices[0] == (Decimal(1), Decimal("150.00"), True)


def test_a_link_comes_before_the_code() -> None:
    """A linked customer is invoiced on its account whatever its code says now."""
    document = invoice(customer=Partner(id="100", name="Klant", code="NEW"))
    prepared, findings = checked(document, link=LINK)
    assert (told(findings), prepared.customer_id) == ([], "Accounts K100")


def test_a_link_to_what_is_gone() -> None:
    """A link whose account was removed is a problem, not a reason to look for another."""
    link = msgspec.structs.replace(LINK, receiver_id="x", receiver_code="K7")
    _, findings = checked(invoice(), link=link)
    assert told(findings) == [("customer.id", "Klant is linked to account K7, which is gone")]


@pytest.mark.parametrize(("status", "promoted"), [("P", True), ("S", True), ("C", False)])
def test_prospects_can_be_promoted(status: str, *, promoted: bool) -> None:
    """With `prospects: promote` a prospect or suspect is made a customer first; a customer is left alone."""
    prepared, findings = checked(invoice(), Shelf().change(md.ACCOUNTS, "K100", Status=status), prospects="promote")
    assert (told(findings), prepared.account.promote) == ([], promoted)


def test_a_supplier_is_never_promoted() -> None:
    """An account without sales status is not turned into a customer, whatever the setting."""
    _, findings = checked(invoice(), Shelf().change(md.ACCOUNTS, "K100", Status="A"), prospects="promote")
    assert [name for name, _ in told(findings)] == ["customer.code"]


def test_a_missing_customer_can_be_created() -> None:
    """With `missing_customer: create` an unknown code is no problem; what else is wrong still is."""
    prepared, findings = checked(invoice(code="K999"), missing_customer="create")
    assert (told(findings), prepared.account.create, prepared.customer_id) == ([], True, None)
    assert md.ACCOUNTS in findings.used
    _, findings = checked(invoice(code="K999", journal="99"), missing_customer="create")
    assert [name for name, _ in told(findings)] == ["journal"]


def test_codes_are_compared_without_blanks() -> None:
    """Blanks around a code of the mapping do not make it another code."""
    assert told(checked(invoice(code=" K100 ", journal=" 70"))[1]) == []


def test_only_lists_that_are_needed_are_used() -> None:
    """What a document does not name is not asked for; what a problem does not come from is not blamed."""
    _, findings = checked(invoice(form="sales_order", payment_condition=None))
    assert findings.used == {md.ACCOUNTS, md.ITEMS, md.VAT_CODES}
    _, findings = checked(with_line(item="X"))
    assert findings.blamed == {md.ITEMS}
