"""The JSON Schemas of the settings for accounts and for companies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mapper_autotask_exact.parties.facts import ACCOUNT_FACTS, COMPANY_FACTS
from mapper_autotask_exact.schema_parts import (
    CODE,
    FLAG,
    TEMPLATES,
    TEXT,
    Schema,
    about,
    choice,
    group,
    one_of,
    table,
)

if TYPE_CHECKING:
    from mapper_autotask_exact.facts import Fact

WINNERS = ("source", "receiver", "report")
WON_BY = ("name", "code", "vat_number", "phone", "website", "payment_condition", "currency", "address", "contact",
          "classification", "active", "udf")  # fmt: skip
ACCOUNT_ONLY = ("status", "chamber_of_commerce", "email", "language", "bank_account")
COMPANY_ONLY = ("company_type",)
STATUSES = ("customer", "supplier", "prospect")
NOTHING = "nothing"

_ROUTE: Schema = {
    "if": {"type": "array"},
    "then": {"type": "array", "items": one_of(*STATUSES), "minItems": 1},
    "else": one_of(*STATUSES, NOTHING),
}


def _winners(names: tuple[str, ...]) -> Schema:
    """Return the schema of who wins; a field that is not named follows ``default``."""
    others = {name: about("", one_of(*WINNERS)) for name in names}
    named = ", ".join(f"`{name}`" for name in names)
    default = about(f"the fields that are not named here; there are {named}", one_of(*WINNERS), "report")
    return group(default=default, **others)


def _made(facts: dict[str, Fact], what: str, code: str, receiver: str) -> dict[str, Schema]:
    return {
        "when_missing": about(
            f"{what} without a link: create one, propose candidates to a person, or fail",
            choice("when_missing", one_of("create", "ask", "fail"), facts), "ask",
        ),
        "code": about(
            f'template of the code in {receiver}; `""`: {receiver} decides',
            choice("code", TEXT, facts), code,
        ),
        "missing_code": about(
            "when nothing fills that template: a problem, or leave the code to the receiver",
            one_of("problem", "receiver"), "problem",
        ),
        "inactive": about(
            f"{what} that is not active: make it so on the other side too, leave it out, or take no notice",
            one_of("follow", "skip", "ignore"), "follow",
        ),
        "skip": about(f"{what} that is left out, for good", table(facts, {})),
    }  # fmt: skip


def _particulars(facts: dict[str, Fact], defaults: dict[str, str], addresses: tuple[str, ...]) -> dict[str, Schema]:
    meanings = {
        "name": "name",
        "vat_number": "VAT number, checked by the rules of its country",
        "chamber_of_commerce": "chamber of commerce number, checked for the Netherlands and Belgium",
        "phone": "phone number",
        "email": "e-mail address",
        "website": "website",
        "bank_account": "IBAN",
    }
    return {
        **{name: about(f"template of the {text}", TEMPLATES, defaults.get(name)) for name, text in meanings.items()},
        "contact": about("send the main contact along", FLAG, default=True),
        "address": about(
            "which address; an empty one makes place for the first", choice("address", one_of(*addresses), facts),
            addresses[0],
        ),
        "wrong_values": about(
            "a VAT number, chamber of commerce number, IBAN, e-mail address or website that is none: a problem, or "
            "leave it out and the receiver's as it is",
            one_of("problem", "leave_out"), "problem",
        ),
        "phone_format": about(
            "write phone numbers as `+31205550100`, or keep them as they were typed", one_of("international", "keep"),
            "keep",
        ),
        "home_country": about("two-letter code of your own country", {**TEXT, "pattern": "^[A-Z]{2}$"}, "NL"),
        "missing_country": about(
            "an address without a country: a problem, your own country, or leave it so",
            one_of("problem", "home", "leave"), "problem",
        ),
        "udf": about(
            "user-defined fields of the receiver: name to template",
            {"type": "object", "additionalProperties": TEMPLATES},
        ),
    }  # fmt: skip


def _code_table(facts: dict[str, Fact]) -> Schema:
    return table(facts, {"code": TEXT}, ("code",))


ACCOUNT_AREAS: dict[str, dict[str, Schema]] = {
    "What is made": {
        "statuses": about(
            "what a company is in Exact: one of `customer`, `supplier`, `prospect`, a list of them, or `nothing`",
            {**table(COMPANY_FACTS, {"status": _ROUTE}, ("status",)), "minItems": 1},
        ),
        **_made(COMPANY_FACTS, "a company", "{companyNumber}", "Exact"),
    },
    "Who wins": {
        "fields_won_by": about(
            "who wins a field that changed on both sides: `source` is Autotask, `receiver` is Exact, `report` changes "
            "nothing and tells",
            _winners((*WON_BY, *ACCOUNT_ONLY)),
        )
    },
    "Particulars": _particulars(
        COMPANY_FACTS,
        {"name": "{companyName}", "vat_number": "{taxID}", "phone": "{phone}", "website": "{webAddress}"},
        ("company", "bill_to", "primary_location"),
    ),
    "Codes": {
        "countries": about(
            "country code; left out, or no row fits: the one in Autotask's country list",
            table(COMPANY_FACTS, {"code": {**TEXT, "pattern": "^[A-Z]{2}$"}}, ("code",)),
        ),
        "languages": about("language code; left out: not sent", _code_table(COMPANY_FACTS)),
        "payment_conditions": about(
            'payment condition, by the term of the invoice template; `code: ""`: stays as it is. Left out: not sent',
            _code_table(COMPANY_FACTS),
        ),
        "currencies": about("currency; left out: not sent", _code_table(COMPANY_FACTS)),
        "classifications": about(
            "code of the first classification; one that fits no row has none. Left out: not sent",
            _code_table(COMPANY_FACTS),
        ),
    },
}

COMPANY_AREAS: dict[str, dict[str, Schema]] = {
    "What is made": {
        "company_types": about(
            "company type in Autotask: its label, or `nothing`",
            {**table(ACCOUNT_FACTS, {"company_type": CODE}, ("company_type",)), "minItems": 1},
        ),
        "owner": about(
            "e-mail address or user name of the resource that owns a new company; needed to create one",
            choice("owner", CODE, ACCOUNT_FACTS),
        ),
        **_made(ACCOUNT_FACTS, "an account", "{Code}", "Autotask"),
    },
    "Who wins": {
        "fields_won_by": about(
            "who wins a field that changed on both sides: `source` is Exact, `receiver` is Autotask, `report` changes "
            "nothing and tells",
            _winners((*WON_BY, *COMPANY_ONLY)),
        )
    },
    "Particulars": _particulars(
        ACCOUNT_FACTS,
        {
            "name": "{Name}", "vat_number": "{VATNumber}", "phone": "{Phone}", "website": "{Website}",
            "email": "{Email}", "chamber_of_commerce": "{ChamberOfCommerce}", "bank_account": "{bank_account.IBAN}",
        },
        ("account", "visit", "postal", "invoice", "delivery"),
    ),
    "Codes": {
        "payment_conditions": about(
            'invoice template with the term of this condition; `code: ""`: stays as it is. Left out: not sent',
            _code_table(ACCOUNT_FACTS),
        ),
        "currencies": about("currency, for new companies; left out: not sent", _code_table(ACCOUNT_FACTS)),
        "classifications": about(
            "label of the classification; one that fits no row has none. Left out: not sent",
            _code_table(ACCOUNT_FACTS),
        ),
    },
}  # fmt: skip


def _area(description: str, areas: dict[str, dict[str, Schema]], required: str) -> Schema:
    return {
        "type": "object",
        "description": description,
        "properties": {name: schema for area in areas.values() for name, schema in area.items()},
        "required": [required],
        "additionalProperties": False,
    }


ACCOUNTS = _area("how Autotask companies become accounts of Exact", ACCOUNT_AREAS, "statuses")
COMPANIES = _area("how accounts of Exact become Autotask companies", COMPANY_AREAS, "company_types")
