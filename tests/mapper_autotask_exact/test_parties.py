from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapper_autotask_exact.explain import explain, text
from mapper_autotask_exact.settings import check
from tests.mapper_autotask_exact.parties import LEAST, account, company, problems, settings, to_autotask, to_exact
from transfer_ledger import documents
from transfer_ledger.merge import merge, told, turned


@pytest.mark.parametrize(
    ("record", "status"),
    [
        (company(), ["customer"]),
        (company(companyType=7, labels={"companyType": "Leverancier"}), ["supplier"]),
        (company(companyType=8), ["customer", "supplier"]),
    ],
)
def test_the_type_says_what_a_company_is(record: dict[str, Any], status: list[str]) -> None:
    """A row asks for the label of the tenant or for that of Autotask, and gives one status or several."""
    rows = [
        {"company_type": "Customer", "status": "customer"},
        {"company_type": "Leverancier", "status": "supplier"},
        {"company_type": "Partner", "status": ["customer", "supplier"]},
    ]
    assert to_exact(record, statuses=rows).status == status


def test_what_the_settings_make_nothing_of_is_skipped() -> None:
    """A type that becomes nothing, a row of skip, an inactive company and company 0 are skipped, with the reason."""
    nothing = to_exact(statuses=[{"status": "nothing"}])
    assert (nothing.skip, nothing.status, nothing.problems) == ("nothing is made of it (accounts.statuses[0])", [], [])
    assert to_exact(skip=[{"company": "Voor*"}]).skip == "left out by accounts.skip[0]"
    assert to_exact(company(isActive=False), inactive="skip").skip == "it is not active (accounts.inactive)"
    assert to_exact(company(id=0)).skip == "it is your own organisation, which Autotask keeps as company 0"
    assert to_exact().skip is None


def test_an_inactive_party_follows_or_is_let_be() -> None:
    """Follow tells the other side, ignore does not speak of it at all."""
    followed, ignored = (to_exact(company(isActive=False), inactive=policy) for policy in ("follow", "ignore"))
    assert (followed.active, "active" in followed.fields_won_by) == (False, True)
    assert (ignored.active, "active" in ignored.fields_won_by) == (True, False)
    assert to_autotask(account(Blocked=True)).active is False


@pytest.mark.parametrize(
    ("code", "number", "made", "rule"),
    [
        ("{companyNumber}", "D10042", "D10042", "given"),
        ("AT{id}", None, "AT29683001", "given"),
        ("", "D10042", None, "receiver"),
        ([{"company_number": "", "code": "AT{id}"}, {"code": "{companyNumber}"}], None, "AT29683001", "given"),
    ],
)
def test_how_codes_are_made(code: Any, number: str | None, made: str | None, rule: str) -> None:
    """A code comes from a template, one per row, or from the receiving system; then the one it has is left alone."""
    document = to_exact(company(companyNumber=number), code=code)
    assert (document.code, document.code_rule, document.problems) == (made, rule, [])
    assert ("code" in document.fields_won_by) is (rule == "given")


def test_an_empty_code_is_a_problem_unless_said_otherwise() -> None:
    """Without a company number there is no half code: it is a problem, or the receiver numbers."""
    record = company(companyNumber=None)
    assert "companyNumber is empty" in problems(to_exact(record, code="D{companyNumber}"))["code"]
    assert to_exact(record, code="D{companyNumber}", missing_code="receiver").code_rule == "receiver"


@given(st.text(alphabet="D0123456789", min_size=1, max_size=30))
def test_a_code_is_never_cut(number: str) -> None:
    """A code of more than 18 characters is a problem that shows it whole."""
    made = to_exact(company(companyNumber=number))
    assert made.code == number
    assert ("code" in problems(made)) is (len(number) > 18)


def test_who_wins_is_said_per_field() -> None:
    """Fields follow their own setting or the default, user-defined ones theirs, and unmapped ones are not spoken of."""
    winners = {"default": "source", "phone": "receiver", "udf": "report"}
    made = to_exact(fields_won_by=winners, udf={"Bron": "Autotask {id}"})
    assert made.fields_won_by["name"] == "source"
    assert made.fields_won_by["phone"] == "receiver"
    assert made.fields_won_by["udf.Bron"] == "report"
    assert not {"language", "email", "payment_condition", "classification"} & made.fields_won_by.keys()


def test_autotask_is_not_told_of_fields_it_has_not() -> None:
    """An e-mail address, IBAN or chamber of commerce number of a company reaches Autotask through udf alone."""
    made = to_autotask(account(Email="a@b.example", ChamberOfCommerce="34123456"), udf={"KvK": "{ChamberOfCommerce}"})
    assert (made.email, made.chamber_of_commerce, made.udf) == ("a@b.example", "34123456", {"KvK": "34123456"})
    assert not {"email", "chamber_of_commerce", "bank_account", "status"} & made.fields_won_by.keys()
    assert "udf.KvK" in made.fields_won_by


def test_a_wrong_value_that_is_left_out_leaves_the_receivers_alone() -> None:
    """Leaving out a wrong VAT number does not empty the one that the receiver has."""
    record = company(taxID="NL123456789B01")
    assert "is no VAT number of NL" in problems(to_exact(record))["vat_number"]
    made = to_exact(record, wrong_values="leave_out", fields_won_by={"default": "source"})
    assert (made.vat_number, made.problems) == (None, [])
    assert "vat_number" not in merge({}, told(made), {"vat_number": "NL823456782B17"}, made.fields_won_by).changes


@pytest.mark.parametrize(
    ("changes", "postcode", "country"),
    [
        ({"address": "company"}, "1015 AA", "NL"),
        ({"address": "bill_to"}, "1000 BC", "NL"),
        ({"address": "primary_location"}, "3011 AD", "BE"),
        ({"address": [{"company": "Ander*", "address": "bill_to"}, {"address": "company"}]}, "1015 AA", "NL"),
        ({"countries": [{"country": "Nederland", "code": "AN"}]}, "1015 AA", "AN"),
        ({"countries": [{"country": "Suriname", "code": "SR"}]}, "1015 AA", "NL"),
    ],
)
def test_the_address_is_the_one_that_is_chosen(changes: dict[str, Any], postcode: str, country: str) -> None:
    """Company, bill-to address or main location, its country by the table or by Autotask's own list."""
    location = {"address1": "Meir 1", "postalCode": "3011 AD", "city": "Antwerpen", "country": {"countryCode": "BE"}}
    record = company(
        billingAddress1="Postbus 1", billToZipCode="1000 BC", billToCountryID=144, primary_location=location
    )
    address = to_exact(record, **changes).address
    assert (address.postcode, address.country) == (postcode, country)


def test_an_empty_address_makes_place_for_the_first() -> None:
    """Where there is no bill-to or invoice address, the company's or the account's own is taken."""
    assert to_exact(address="bill_to").address.line1 == "Keizersgracht 100"
    assert to_exact(address="primary_location").address.line1 == "Keizersgracht 100"
    assert to_autotask(address="postal").address.line1 == "Keizersgracht 100"


@pytest.mark.parametrize(
    ("policy", "country", "wrong"), [("problem", None, True), ("home", "NL", False), ("leave", None, False)]
)
def test_an_address_without_a_country(policy: str, country: str | None, wrong: bool) -> None:  # noqa: FBT001
    """It is a problem, at home, or stays without."""
    made = to_exact(company(country=None), missing_country=policy)
    assert (made.address.country, "address.country" in problems(made)) == (country, wrong)


def test_a_payment_condition_comes_through_the_invoice_template() -> None:
    """The term of the invoice template gives the condition; an unknown one is a problem, an empty code leaves it."""
    rows = [{"payment_term": "14 dagen", "code": "14"}, {"payment_term": "", "code": ""}]
    known, unknown = (
        company(invoice_template={"name": "Standaard", "payment_term": {"name": name}})
        for name in ("14 dagen", "Later")
    )
    assert to_exact(known, payment_conditions=rows).payment_condition == "14"
    assert "add one for it" in problems(to_exact(unknown, payment_conditions=rows))["payment_condition"]
    left = to_exact(payment_conditions=rows)
    assert (left.payment_condition, left.problems, "payment_condition" in left.fields_won_by) == (None, [], False)


def test_a_party_of_no_class_has_none() -> None:
    """A company that fits no row of classifications has no classification, which is no problem."""
    made = to_exact(classifications=[{"udf": "Klantgroep=NPO", "code": "NPO"}])
    assert (made.classification, made.problems, "classification" in made.fields_won_by) == (None, [], True)
    udf = [{"name": "Klantgroep", "value": "NPO"}]
    assert to_exact(
        company(userDefinedFields=udf), classifications=[{"udf": "klantgroep=npo", "code": "NPO"}]
    ).classification


@pytest.mark.parametrize(
    ("status", "supplier", "made"),
    [("C", False, ["customer"]), ("P", True, ["supplier", "prospect"]), ("A", False, []), ("S", False, [])],
)
def test_what_an_account_is_for_exact(status: str, supplier: bool, made: list[str]) -> None:  # noqa: FBT001
    """Status and IsSupplier together say what an account is."""
    assert (
        to_autotask(account(Status=status, IsSupplier=supplier), company_types=[{"company_type": "X"}]).status == made
    )


def test_a_new_company_needs_a_phone_number() -> None:
    """Without one it is a problem only where companies are created, and a text in its place is enough."""
    record = account(Phone=None)
    assert "phone" in problems(to_autotask(record, when_missing="create", owner="a@b.example"))
    assert to_autotask(record).problems == []
    assert to_autotask(record, when_missing="create", owner="a@b.example", phone=["{Phone}", "-"]).phone == "-"


def test_a_deleted_account_is_told_and_nothing_else() -> None:
    """A deleted account makes a document that is skipped and says so, whatever its columns hold."""
    made = to_autotask({"ID": "x", "_sdc_deleted_at": "2026-11-02T09:00:00Z"})
    assert (made.deleted, made.skip, made.fields_won_by, made.problems) == (True, "it was deleted in Exact", {}, [])


def test_both_ways_say_the_same() -> None:
    """What goes to Exact and comes back through the same settings is what Autotask holds: no echo from formatting."""
    record = company(taxID="NL 8234.56.782.B17", webAddress="www.Voorbeeld.example/", phone="(020) 555-0100")
    there = to_exact(record, phone_format="international")
    held = account(
        Code=f"{there.code:>18}".strip(), Phone=there.phone, VATNumber=there.vat_number, Website=there.website,
        Postcode=there.address.postcode,
    )  # fmt: skip
    back = to_autotask(held, phone_format="international")
    shared = there.fields_won_by.keys() & back.fields_won_by.keys()
    assert {"name", "code", "phone", "website", "vat_number", "address"} <= shared
    assert [name for name in sorted(shared) if told(there)[name] != told(back)[name]] == []


@pytest.mark.parametrize(
    ("config", "mistake"),
    [
        ({"accounts": {}}, "accounts.statuses: missing; say it here: what a company is in Exact"),
        (
            {"accounts": LEAST["accounts"] | {"fields_won_by": {"name": "exact"}}},
            'accounts.fields_won_by.name: "exact" is',
        ),
        ({"accounts": LEAST["accounts"] | {"fields_won_by": {"nam": "source"}}}, "accounts.fields_won_by.nam: unknown"),
        (
            {"accounts": LEAST["accounts"] | {"code": "{companyNummer}"}},
            "accounts.code: {companyNummer}: there is no field",
        ),
        (
            {"accounts": LEAST["accounts"] | {"udf": {"X": "{Name}"}}},
            "accounts.udf.X: {Name}: there is no field 'Name'",
        ),
        ({"companies": LEAST["companies"] | {"when_missing": "create"}}, "companies.owner: missing; Autotask needs"),
        ({"companies": LEAST["companies"] | {"phone": "{main_contact.Fone}"}}, "did you mean Phone?"),
        ({"companies": {"company_types": [{"company_type": "A"}, {"company_type": "B"}]}}, "never counts"),
    ],
)
def test_settings_that_cannot_be_used(config: dict[str, Any], mistake: str) -> None:
    """Each mistake is one sentence with its path and what to do."""
    (found,) = check(config)
    assert mistake in found


def test_own_words_stand_beside_the_receivers() -> None:
    """Where the mapper changes a word, the document also holds the source's own; where it does not, only its own."""
    template = {"name": "Standaard", "payment_term": {"name": "14 dagen"}}
    rows = [{"payment_term": "14 dagen", "code": "14"}]
    record = company(invoice_template=template)
    there = to_exact(record, phone_format="international", payment_conditions=rows, address="bill_to")
    assert there.own == {"status": "Customer", "phone": "020 555 01 00", "payment_condition": "Standaard"}
    back = to_autotask(account(payment_condition_sales={"Code": "14"}), payment_conditions=[{"code": "Standaard"}])
    assert back.own == {"company_type": ["customer"], "payment_condition": "14"}


def test_an_edit_over_our_own_write_is_no_conflict() -> None:
    """After the way to Exact wrote, an edit in Exact comes back whatever words the two use."""
    there = to_exact(phone_format="international", fields_won_by={"default": "source"})
    base = merge({}, told(there), {}, there.fields_won_by, there.own).base
    back = to_autotask(account(Phone="+31205550199"), fields_won_by={"default": "receiver"})
    held = {"phone": "020 555 01 00", "name": "Voorbeeld BV"}
    winners = {name: back.fields_won_by[name] for name in held}
    assert merge(turned(base), told(back), held, winners, back.own)[:2] == ({"phone": "+31205550199"}, [])


def test_a_document_fits_its_schema() -> None:
    """What the mapper makes can be read by the target."""
    for stream, made in (("accounts", to_exact()), ("companies", to_autotask())):
        record = json.loads(json.dumps(documents.encode(made)))
        assert documents.decode(stream, record) == made


def test_an_explanation_tells_rows_and_winners() -> None:
    """The text names the row behind each field, who wins what, and every problem with its setting."""
    compiled = settings(
        "accounts", fields_won_by={"default": "source", "name": "report"}, languages=[{"country": "BE", "code": "NL"}]
    )
    told_text = text(explain(company(), compiled.accounts))  # type: ignore[arg-type]
    assert told_text.startswith("account D10042 Voorbeeld BV: customer\n")
    assert "status: customer  <- accounts.statuses[0]  {company_type: Customer}" in told_text
    assert "accounts.languages[0]: country is NL, not BE" in told_text
    assert "changed on both sides, a person decides: name" in told_text
    assert "[accounts.languages]" in told_text
