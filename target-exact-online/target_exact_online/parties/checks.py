"""Everything about an account that can be checked without writing; all that is wrong is told at once."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from stdnum import vatin
from stdnum.exceptions import InvalidComponent, ValidationError

from target_exact_online.findings import Findings
from target_exact_online.master_data import CLASSIFICATION_NAMES, CLASSIFICATIONS, CURRENCIES, PAYMENT_CONDITIONS
from target_exact_online.parties.bodies import UDF_FIELD, changed_columns
from target_exact_online.parties.columns import (
    ACCOUNTS,
    FIELDS,
    LENGTHS,
    NONE,
    PERSON,
    PROSPECT,
    SUSPECT,
    UDF,
    Row,
    text,
)
from transfer_ledger import texts
from transfer_ledger.documents import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from target_exact_online.master_data import MasterLists
    from transfer_ledger.documents import Account
    from transfer_ledger.ledger import MasterRow

PROSPECTS = {PROSPECT: "a prospect", SUSPECT: "a suspect"}
LISTS = {"payment_condition": PAYMENT_CONDITIONS, "currency": CURRENCIES}
"""Field to the list in which its code must stand. An unknown currency would be emptied without a word (Exact REST
docs, Accounts.SalesCurrency)."""
FORMS = {
    "address.country": (re.compile(r"[A-Z]{2}"), "two letters such as NL"),
    "language": (re.compile(r"[A-Z]{2}(-[A-Z]{2})?"), "two letters such as NL"),
}
"""Codes of which Exact shows no list, and how they look."""


class Wanted(NamedTuple):
    """What is about to be written.

    Args:
        findings: Takes what is wrong.
        document: The document.
        row: The account as it is; empty for a new one.
        changes: Field to value.
        settings: Those of the target.
    """

    findings: Findings
    document: Account
    row: Row
    changes: Mapping[str, Any]
    settings: Mapping[str, Any]

    @property
    def name(self) -> str:
        """How messages name the account: its code, and its name in brackets."""
        code, name = text(self.row.get("Code")) or self.document.code, self.row.get("Name") or self.document.name
        return f"{code} ({name})" if code else name

    def add(self, field: str, value: Any, message: str, advice: str, setting: str | None = None) -> None:
        """Note a problem."""
        rule = setting or self.document.rules.get(field)
        self.findings.add(Problem(field=field, value=str(value or ""), message=message, setting=rule), advice)


def check(
    lists: MasterLists, document: Account, row: Row, changes: Mapping[str, Any], settings: Mapping[str, Any]
) -> Findings:
    """Return what is wrong with changes to an account, or with a new one; see ``Wanted``."""
    findings = Findings(lists)
    wanted = Wanted(findings, document, row, changes, settings)
    for judge in (_name, _code, _status, _vat_number, _codes, _classification, _forms, _udf, _contact, _lengths):
        judge(wanted)
    return findings


def classification(lists: MasterLists, code: str, place: int) -> list[MasterRow]:
    """Return the classifications with a code among those of one name."""
    names = {row.id for row in lists.rows(CLASSIFICATION_NAMES, str(place))}
    return [row for row in lists.rows(CLASSIFICATIONS, code) if row.data["AccountClassificationName"] in names]


def _name(wanted: Wanted) -> None:
    if "name" in wanted.changes and not texts.one_line(wanted.changes["name"]):
        wanted.add("name", "", "An account needs a name", "Fill in the name of the company.")


def _code(wanted: Wanted) -> None:
    code = (wanted.changes.get("code") or "").strip()
    if not code:
        if wanted.row and "code" in wanted.changes:
            advice = "Give the company its number, or leave the code to Exact Online."
            wanted.add("code", "", f"Account {wanted.name} would lose its code", advice)
        return
    for other in wanted.findings.lists.rows(ACCOUNTS, code):
        if other.id != wanted.row.get("ID"):
            what = ", a supplier," if other.data["IsSupplier"] and not _trades(other.data) else ""
            wanted.add(
                "code",
                code,
                f"Account {code} ({other.data['Name']}){what} has this code in Exact Online already; it was left alone",
                "Link the two with `transfers links` if they are the same, else give one of them another code.",
            )


def _trades(row: Mapping[str, Any]) -> bool:
    return row.get("Status") not in (None, NONE)


def _status(wanted: Wanted) -> None:
    """Note an account that may not become what the document says, by policy."""
    row, status = wanted.row, wanted.changes.get("status") or ()
    if not row:
        return
    settings, becomes = wanted.settings, " and ".join(status)
    if "customer" in status and row.get("Status") in PROSPECTS and settings["prospects"] != "promote":
        message = f"Account {wanted.name} is {PROSPECTS[row['Status']]} and would become a customer"
        advice = f"Make account {wanted.name} a customer in Exact Online, or set `prospects: promote`."
        wanted.add("status", becomes, message, advice, "prospects")
    only = row.get("IsSupplier") and not _trades(row)
    if only and {"customer", "prospect"} & set(status) and settings["suppliers"] != "promote":
        message = f"Account {wanted.name} is a supplier only and would become a {' and '.join(status)}"
        advice = (
            f"Look whether it is the right account. If so, make account {wanted.name} a customer too in Exact Online, "
            "or set `suppliers: promote`; if not, end the link."
        )
        wanted.add("status", becomes, message, advice, "suppliers")


def _vat_number(wanted: Wanted) -> None:
    number = wanted.changes.get("vat_number")
    if not number:
        return
    try:
        vatin.validate(number)
    except InvalidComponent:
        return  # of a country whose numbers have no known rules
    except ValidationError as error:
        message = f"{number!r} is no VAT number ({str(error).rstrip('.')})"
        wanted.add("vat_number", number, message, "Correct the VAT number of the company, with its country before it.")


def _codes(wanted: Wanted) -> None:
    for field, resource in LISTS.items():
        code = wanted.changes.get(field)
        if code:
            wanted.findings.row(resource, field, code, wanted.document.rules.get(field))


def _classification(wanted: Wanted) -> None:
    code, place = wanted.changes.get("classification"), wanted.settings["classification"]
    if not code:
        return
    findings = wanted.findings
    findings.used |= {CLASSIFICATIONS, CLASSIFICATION_NAMES}
    found = classification(findings.lists, code, place)
    if len(found) == 1:
        return
    how_many = "no" if not found else f"{len(found)} times the"
    message = f"Exact Online has {how_many} classification {code} under number {place}"
    problem = Problem(
        field="classification",
        value=code,
        message=message,
        setting=wanted.document.rules.get("classification"),
    )
    findings.add(
        problem,
        f"Create classification {code} in Exact Online, map to another, or set `classification` to the number it has.",
        blame=CLASSIFICATIONS,
    )
    findings.blamed.add(CLASSIFICATION_NAMES)


def _forms(wanted: Wanted) -> None:
    values = {"language": wanted.changes.get("language"), "address.country": _part(wanted, "address", "country")}
    for field, (form, looks) in FORMS.items():
        value = values[field]
        if value and not form.fullmatch(value.strip().upper()):
            what = field.rpartition(".")[2]
            wanted.add(field, value, f"{value!r} is no code of a {what}, which is {looks}", f"Map the {what}.")


def _udf(wanted: Wanted) -> None:
    for field, value in wanted.changes.items():
        column = field.removeprefix(UDF_FIELD)
        if field.startswith(UDF_FIELD) and column not in UDF:
            near = difflib.get_close_matches(column, UDF, n=1, cutoff=0.5)
            hint = f"Did you mean {near[0]}? " if near else ""
            message = f"Accounts of Exact Online have no column {column!r} that can be filled"
            wanted.add(field, value, message, f"{hint}It can be one of {', '.join(UDF)}.")


def _contact(wanted: Wanted) -> None:
    contact = wanted.changes.get("contact") or {}
    if any(contact.values()) and not (contact.get("first_name") or contact.get("last_name")):
        told = ", ".join(filter(None, contact.values()))
        message = f"The contact of {wanted.name} has no name, only {told}"
        wanted.add("contact", told, message, "Fill in the first and the last name of the main contact.")


def _lengths(wanted: Wanted) -> None:
    """Note texts that Exact cannot hold; nothing is cut, since a cut text would travel back."""
    contact = wanted.changes.get("contact") or {}
    values = {FIELDS.get(column, column): (column, value) for column, value in _columns(wanted).items()}
    values |= {f"contact.{part}": (column, contact.get(part)) for part, column in PERSON.items()}
    for field, (column, value) in values.items():
        longest = LENGTHS.get(column)
        length = texts.width(value.strip()) if isinstance(value, str) else 0
        if longest is not None and length > longest:
            message = f"{field} has {length} characters, Exact Online takes {longest}: {value.strip()!r}"
            wanted.add(field, value.strip(), message, "Shorten it in Autotask, or map something shorter.")


def _columns(wanted: Wanted) -> Row:
    return changed_columns(wanted.changes, wanted.row)


def _part(wanted: Wanted, field: str, part: str) -> Any:
    return (wanted.changes.get(field) or {}).get(part)
