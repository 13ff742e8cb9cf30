"""What things of the ledger are called for people; each text is English and has its Dutch in ``nl.toml``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transfer_ledger.wording import Words

STANDINGS = {
    "transferred": "Gone over",
    "attention": "Gone over, look at it",
    "failed": "Not gone over",
    "unknown": "Uncertain",
    "sent": "Handed over",
    "pending": "Waiting",
    "sending": "Being sent",
    "skipped": "Left out",
}
"""Standing to its name, in the order in which they are told."""

KINDS = {
    "sales_invoices": "Invoices",
    "accounts": "Customers and suppliers",
    "companies": "Companies",
    "purchase_orders": "Purchase orders",
    "invoice_payments": "Payment dates",
}

EVENTS = {
    "sent": "Gone over",
    "adopted": "Found there, and recognised",
    "failed": "Not accepted",
    "unknown": "Sent, without an answer",
    "pending": "Not sent: the run stopped",
    "skipped": "Left out",
    "interrupted": "The run was broken off",
    "changed": "Changed since; not sent again",
    "voided": "Voided since",
    "retried": "Asked to be sent again",
    "dismissed": "Put aside by a person",
    "answered": "Looked at and settled",
    "confirmed": "Said to be there",
    "released": "Said not to be there",
    "handed over": "Handed over",
    "agreed": "Already alike",
}

ENDS = {
    "working": "At work",
    "settled": "All done",
    "open": "Something is left",
    "stopped": "Stopped",
    "broken off": "Broken off",
}

ACTIONS = {
    "sign-in": "Signed in",
    "sign-in refused": "Wrong password",
    "sign-out": "Signed out",
    "retry refused": "Send again: refused",
    "dismiss refused": "Put aside: refused",
    "settle refused": "Settle: refused",
    "confirm refused": "It is there: refused",
    "release refused": "It is not there: refused",
    "confirm link": "Said to be the same",
    "reject link": "Said not to be the same",
    "create link": "Said to be new on the other side",
    "end link": "Link ended",
    "confirm link refused": "They are the same: refused",
    "reject link refused": "They are not the same: refused",
    **{name: EVENTS[name] for name in ("retried", "dismissed", "answered", "confirmed", "released")},
}

FIELDS = {
    "form": "Form",
    "journal": "Journal",
    "grouping": "Grouping of lines",
    "keep_number": "Keep the number",
    "definitive": "Definitive",
    "currency": "Currency",
    "payment_condition": "Payment condition",
    "item": "Item",
    "gl_account": "G/L account",
    "vat_code": "VAT code",
    "cost_center": "Cost centre",
    "cost_unit": "Cost unit",
    "description": "Description",
    "amount": "Amount",
    "net": "Without VAT",
    "vat": "VAT",
    "gross": "With VAT",
}

TABLES = {
    "invoices.form": "Form",
    "invoices.journal": "Journals",
    "invoices.vat_codes": "VAT codes",
    "invoices.items": "Items and G/L accounts",
    "invoices.cost_centers": "Cost centres",
    "invoices.cost_units": "Cost units",
    "invoices.payment_conditions": "Payment conditions",
    "invoices.currencies": "Currencies",
    "invoices.line_texts": "Texts of lines",
    "invoices.grouping": "Grouping of lines",
    "invoices.rounding": "Rounding line",
    "invoices.keep_number": "Keep the number",
    "invoices.definitive": "Definitive",
}

AGES = {
    "not due": "not due",
    "0–30": "1–30",  # noqa: RUF001
    "31–60": "31–60",  # noqa: RUF001
    "61–90": "61–90",  # noqa: RUF001
    "over 90": "over 90",
}
"""What ``transfer_ledger.receivables`` calls an age, to what people call it."""

_SYSTEMS = {"exact_online": "Exact Online", "exact_globe": "Exact Globe", "autotask": "Autotask"}


def administration(key: str, words: Words) -> str:
    """Return what people call the administration with this key, such as ``exact_online/1234567``."""
    system, _, code = key.partition("/")
    if not code:
        return words("administration {code}", code=key)
    return f"{_SYSTEMS.get(system, system)}, {words('administration {code}', code=code)}"
