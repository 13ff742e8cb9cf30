"""What documents with amounts say alike: their reference, who they are for, payment condition and currency."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mapper_autotask_exact.sources import text_of
from mapper_autotask_exact.templates import fill, first_filled
from transfer_ledger.documents import Address, Partner

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mapper_autotask_exact.case import Case
    from mapper_autotask_exact.tables import Table
    from mapper_autotask_exact.templates import Template


def reference(case: Case, template: Template, scope: Mapping[str, Any], what: str, setting: str) -> str:
    """Return the text by which the document is found again in Exact: one line, as Exact keeps it.

    Args:
        case: The record.
        template: Of the reference.
        scope: What it takes its values from.
        what: What the record is called in messages.
        setting: Where the template stands.
    """
    filled, empty = fill(template, (scope,))
    text = " ".join("".join(sign for sign in filled if sign.isprintable() or sign.isspace()).split())
    if not text or empty:
        fields = " and ".join(empty) or "the template"
        message = f"{fields} is empty for this {what}, so it would not be found again"
        case.problem("reference", template.source, message, setting)
    return text


def partner(
    company: Mapping[str, Any], number: str, templates: Mapping[str, Template], scope: Mapping[str, Any]
) -> Partner:
    """Return a company as the customer or supplier of a document.

    Args:
        company: A row of Companies with ``country``; an empty one where the record has none.
        number: Its id.
        templates: Of what the settings say of it.
        scope: What they take their values from.
    """
    return Partner(
        id=number,
        name=text_of(company.get("companyName")) or "",
        phone=text_of(company.get("phone")),
        website=text_of(company.get("webAddress")),
        address=Address(
            line1=text_of(company.get("address1")),
            line2=text_of(company.get("address2")),
            postcode=text_of(company.get("postalCode")),
            city=text_of(company.get("city")),
            state=text_of(company.get("state")),
            country=text_of((company.get("country") or {}).get("countryCode")),
        ),
        **{name: first_filled((template,), (scope,)) or None for name, template in templates.items()},
    )


def payment_condition(case: Case, table: Table | None) -> str | None:
    """Return the payment condition's code; None leaves it to the receiving system."""
    row = None if table is None else case.need("payment_condition", table)
    return (row.result["code"] or None) if row else None


def currency(case: Case, table: Table | None, name: str, what: str) -> str:
    """Return the currency's code.

    Args:
        case: The record.
        table: Which currencies may be transferred; None: all.
        name: The currency in Autotask.
        what: What is in it, for messages.
    """
    row = None if table is None else case.need("currency", table)
    if row is None:
        return name
    if not row.result.get("allowed", True):
        case.problem("currency", name, f"{row.path} does not allow {what} in {name}", f"{row.path}.allowed")
    code: str = row.result.get("code", name)
    return code
