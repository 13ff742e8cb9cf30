"""The JSON Schema (Draft 2020-12) of the settings, from which their reference is also written."""

from __future__ import annotations

from functools import partial

from mapper_autotask_exact.facts import HEADER_FACTS, LINE_FACTS
from mapper_autotask_exact.parties.schema import ACCOUNTS, COMPANIES
from mapper_autotask_exact.payments.schema import PAYMENTS
from mapper_autotask_exact.purchases.schema import PURCHASES
from mapper_autotask_exact.schema_parts import (
    AMOUNT,
    CODE,
    FLAG,
    TEMPLATES,
    TEXT,
    Schema,
    about,
    choice,
    currencies,
    dimension,
    group,
    named_partner,
    one_of,
    table,
)

ANY_FACT = {**HEADER_FACTS, **LINE_FACTS}
GROUP_WORDS = ["type", "sub_type", *(name for name in LINE_FACTS if name not in {"billing_item_type", "sub_type"})]

_choice = partial(choice, facts=HEADER_FACTS)

LINE_CODES: Schema = {
    "item": {**CODE, "description": "item code in Exact; may be a template such as `{product.sku}`"},
    "gl_account": {**CODE, "description": "GL account; needed for sales entries"},
    "unit": {**CODE, "description": "unit code in Exact; left out: the item's own"},
    "cost_center": {**CODE, "description": "cost centre"},
    "cost_unit": {**CODE, "description": "cost unit"},
    "project_code": {**CODE, "description": "project in Exact"},
    "period": {
        **one_of("invoice", "item_date"),
        "description": "dates from and to of the line: those of the invoice, or the line's own date; left out: none",
    },
}
ITEM_OR_ACCOUNT = [{"required": ["item"]}, {"required": ["gl_account"]}]

WHAT_IS_MADE = {
    "form": about(
        "what an invoice becomes in Exact", _choice("form", one_of("sales_invoice", "sales_order", "sales_entry")),
        "sales_invoice",
    ),
    "journal": about("sales journal; sales entries need one, others take Exact's default", _choice("journal", CODE)),
    "keep_number": about(
        "ask Exact to use Autotask's number; not for sales invoices", _choice("keep_number", FLAG), default=False
    ),
    "definitive": about(
        "process at once; otherwise it waits in Exact as a concept", _choice("definitive", FLAG), default=False
    ),
    "reference": about("template of *your reference*, by which the document is found again", TEXT, "{number}"),
    "missing_number": about(
        "an invoice without a number: use Autotask's id as its number, or make it a problem", one_of("id", "problem"),
        "id",
    ),
    "description": about("template of the description", TEMPLATES, "{company.companyName} {number}"),
    "remarks": about("template of the remarks", TEMPLATES, "{comments}"),
    "date_format": about("how dates are written in texts", TEXT, "%d-%m-%Y"),
    "decimal_mark": about("how numbers are written in texts", one_of(",", "."), ","),
    "due_date": about(
        "take Autotask's due date, or let the payment condition decide", one_of("autotask", "payment_condition"),
        "autotask",
    ),
    "invoice_pdf": about(
        "Autotask's PDF, when the tap brings it: attach it, require it, or leave it out",
        one_of("attach", "require", "leave"), "attach",
    ),
}  # fmt: skip

CUSTOMER = {
    "customer": named_partner("customer", "company"),
    "home_country": about("two-letter code of your own country", {**TEXT, "pattern": "^[A-Z]{2}$"}, "NL"),
}

VAT = {
    "vat_codes": about(
        "VAT code of a line",
        {
            **table(
                ANY_FACT,
                {
                    "rate": {
                        "type": "number", "minimum": 0, "maximum": 100,
                        "description": "percentage that Autotask charged, found from the line's VAT and amount",
                    },
                    "code": {**CODE, "description": "VAT code in Exact"},
                    "reverse_charge": {
                        **FLAG,
                        "description": "VAT is the customer's to pay (*verlegd*, intra-community): the line must carry "
                        "no VAT and the customer must have a VAT number",
                    },
                },
                ("code",),
            ),
            "minItems": 1,
        },
    ),
    "vat_rounding": about("how Exact rounds the VAT it computes", one_of("code", "line"), "code"),
}  # fmt: skip

LINES = {
    "items": about(
        "item and GL account of a line", {**table(ANY_FACT, LINE_CODES, anyOf=ITEM_OR_ACCOUNT), "minItems": 1}
    ),
    "cost_centers": dimension("cost centre", "cost_center", ANY_FACT),
    "cost_units": dimension("cost unit", "cost_unit", ANY_FACT),
    "line_texts": about(
        "templates of a line's description and notes",
        table(ANY_FACT, {"description": TEMPLATES, "notes": TEMPLATES}, ("description",)),
        [{"description": ["{itemName}", "{description}", "{billing_code.name}"], "notes": "{description}"}],
    ),
    "grouping": about(
        "lines that become one: `none`, or those that agree in this (and in item, VAT code, unit and dimensions)",
        _choice(
            "by",
            one_of("none", *GROUP_WORDS),
            by={
                "if": {"type": "array"},
                "then": {"items": one_of(*GROUP_WORDS), "minItems": 1},
                "else": one_of("none", *GROUP_WORDS),
            },
            description=TEMPLATES,
            notes=TEMPLATES,
        ),
        "none",
    ),
    "zero_lines": about("lines without amount and VAT", one_of("keep", "drop"), "keep"),
    "non_billable_lines": about(
        "lines without amount that are shown for information only", one_of("keep", "drop"), "keep"
    ),
    "empty_invoices": about("an invoice of which no line is left", one_of("problem", "skip"), "problem"),
    "line_amount": about(
        "Autotask's field that holds the net amount of a line", one_of("extendedPrice", "totalAmount"), "extendedPrice"
    ),
}  # fmt: skip

PAYMENT = {
    "payment_conditions": about(
        "payment condition, by term; `code: \"\"` leaves it to the customer's own in Exact. Left out: always so",
        table(HEADER_FACTS, {"code": TEXT}, ("code",)),
    ),
    "currencies": currencies(HEADER_FACTS),
    "exchange_rate": about(
        "whose exchange rate counts: Exact's own, or the one in Autotask's lines", one_of("receiver", "autotask"),
        "receiver",
    ),
    "credit_notes": about(
        "invoices below zero",
        group(
            negative_total=about(
                "what a negative total becomes", one_of("credit_note", "invoice", "problem"), "credit_note"
            ),
            mixed_lines=about(
                "an invoice with lines above and below zero", one_of("allow", "problem"), "allow"
            ),
        ),
    ),
    "voids": about(
        "an invoice that is voided in Autotask after it was transferred: credit it, report it, or ignore that",
        one_of("credit", "report", "ignore"), "report",
    ),
}  # fmt: skip

TOTALS = {
    "invoice_total": about("whether Autotask's invoiceTotal is without VAT or with it", one_of("net", "gross"), "net"),
    "tolerance": about(
        "differences that come from rounding and count as none",
        group(
            line=about("between a line's VAT and its rate", AMOUNT, 0.005),
            document=about("between Autotask's total and the sum of its lines", AMOUNT, 0.01),
        ),
    ),
    "rounding": about(
        "the line that takes up a small difference, so that gross totals agree; left out: a difference is a problem",
        {
            **group(
                item=about("item", CODE),
                gl_account=about("GL account", CODE),
                vat_code=about("VAT code; take one without VAT", CODE),
                description=about("text", CODE, "Rounding difference"),
                cost_center=about("cost centre", CODE),
                cost_unit=about("cost unit", CODE),
                max_amount=about("a larger difference is a problem", {"type": "number", "exclusiveMinimum": 0}, 0.05),
            ),
            "required": ["vat_code"],
            "anyOf": ITEM_OR_ACCOUNT,
        },
    ),
    "skip": about("invoices that are left out, for good", table(HEADER_FACTS, {})),
}

AREAS: dict[str, Schema] = {
    "What is made": WHAT_IS_MADE,
    "Customer": CUSTOMER,
    "VAT": VAT,
    "Lines": LINES,
    "Payment, currency, credits": PAYMENT,
    "Totals, and what is left out": TOTALS,
}

INVOICES: Schema = {
    "type": "object",
    "description": "how Autotask invoices become sales invoices, sales orders or sales entries",
    "properties": {name: schema for area in AREAS.values() for name, schema in area.items()},
    "required": ["vat_codes", "items"],
    "additionalProperties": False,
}

CONFIG: Schema = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "properties": {
        "invoices": INVOICES,
        "accounts": ACCOUNTS,
        "companies": COMPANIES,
        "payments": PAYMENTS,
        "purchases": PURCHASES,
    },
    "additionalProperties": False,
    "minProperties": 1,
}
