"""Everything about an account that can be checked without writing; all that is wrong is told at once."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

from stdnum import vatin
from stdnum.exceptions import InvalidComponent, ValidationError

from target_exact_globe import characters
from target_exact_globe.accounts.bodies import changed
from target_exact_globe.accounts.columns import (
    ADDRESS,
    CODE_LENGTH,
    CONTACT,
    FREE_TEXTS,
    IN_FILES,
    TEXTS,
    UDF_FIELD,
    text,
)
from target_exact_globe.findings import Findings
from target_exact_globe.lists import CURRENCIES, PAYMENT_CONDITIONS, accounts_by
from transfer_ledger import texts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from target_exact_globe.answers import Row
    from target_exact_globe.lists import Lists
    from target_exact_globe.metadata import Properties
    from transfer_ledger.documents import Account

CODES = {"payment_condition": PAYMENT_CONDITIONS, "currency": CURRENCIES}
NOT_IN_FILES = ("classification",)
NEEDED_IN_FILES = ("MailingAddress1", "MailingCity", "MailingCountry")
"""Mandatory for an import (eExact schema, "Mandatory in: Accounts")."""
_FIELDS = {column: field for field, column in TEXTS.items()}
_FIELDS |= {column: f"address.{part}" for part, column in ADDRESS.items()}
_FIELDS |= {column: f"contact.{part}" for part, column in CONTACT.items()}


def check(
    lists: Lists,
    document: Account,
    row: Row,
    changes: Mapping[str, Any],
    properties: Properties,
    *,
    by_file: bool,
    rule: characters.Rule,
) -> Findings:
    """Return what is wrong with changes to an account, or with a new one.

    Args:
        lists: Globe's codes.
        document: what is written.
        row: the account as it is; empty for a new one.
        changes: field to value.
        properties: of the entity, with their lengths.
        by_file: whether a file is written.
        rule: what becomes of characters that Globe may not hold.
    """
    findings = Findings(lists)
    columns = changed(changes, row)
    _code(findings, document, row, changes)
    _name(findings, row, columns)
    _vat_number(findings, changes)
    for field, codes in CODES.items():
        if changes.get(field):
            findings.row(codes, field, changes[field], document.rules.get(field))
    _udf(findings, changes)
    _country(findings, row, columns)
    _texts(findings, columns, properties, rule)
    if by_file:
        _by_file(findings, row, changes, columns)
    return findings


def _code(findings: Findings, document: Account, row: Row, changes: Mapping[str, Any]) -> None:
    code = texts.one_line(changes.get("code"))
    if not row and document.code_rule == "receiver":
        message = "Exact Globe gives an account no code by itself over this route"
        findings.add("code", "", message, "Set the rule of the code to one that gives it.", "code")
    elif not code and (not row or "code" in changes):
        findings.add("code", "", "An account needs a code", "Give the company its number.")
    elif code:
        findings.code("code", code, CODE_LENGTH, document.rules.get("code"))
        for other in findings.lists.rows(accounts_by("AccountCode"), code) if findings.lists else ():
            if other.get("ID") != row.get("ID"):
                name = f"{code} ({text(other.get('AccountName'))})"
                message = f"Account {name} has this code in Exact Globe already; it was left alone"
                advice = "Link the two with `transfers links` if they are the same, else give one of them another code."
                findings.add("code", code, message, advice)


def _name(findings: Findings, row: Row, columns: Row) -> None:
    if not text({**row, **columns}.get("AccountName")):
        findings.add("name", "", "An account in Exact Globe needs a name", "Give the company one in Autotask.")


def _vat_number(findings: Findings, changes: Mapping[str, Any]) -> None:
    number = changes.get("vat_number")
    if not number:
        return
    try:
        vatin.validate(number)
    except InvalidComponent:
        return  # of a country whose numbers have no known rules
    except ValidationError as error:
        message = f"{number!r} is no VAT number ({str(error).rstrip('.')})"
        findings.add("vat_number", number, message, "Correct it at the company, with its country before it.")


def _udf(findings: Findings, changes: Mapping[str, Any]) -> None:
    for field, value in changes.items():
        name = field.removeprefix(UDF_FIELD)
        if field.startswith(UDF_FIELD) and name not in FREE_TEXTS:
            near = difflib.get_close_matches(name, FREE_TEXTS, n=1, cutoff=0.5)
            hint = f"Did you mean {near[0]}? " if near else ""
            message = f"Accounts of Exact Globe have no free text {name!r}"
            findings.add(field, str(value or ""), message, f"{hint}They are TextFreeField1 to TextFreeField30.")


def _country(findings: Findings, row: Row, columns: Row) -> None:
    if not columns.get("MailingCountry", text(row.get("MailingCountry"))) and not text(row.get("InvoiceCountry")):
        message = "An account in Exact Globe needs a country"
        findings.add("address.country", "", message, "Fill in the country of the company, or map it.")


def _texts(findings: Findings, columns: Row, properties: Properties, rule: characters.Rule) -> None:
    """Note texts that Globe cannot hold; nothing is cut or replaced, since it would travel back as a change."""
    for column, value in columns.items():
        if not isinstance(value, str):
            continue
        field = _FIELDS.get(column, column)
        longest = properties[column].length if column in properties else None
        if longest is not None and texts.width(value) > longest:
            message = f"{field} has {texts.width(value)} characters, Exact Globe takes {longest}: {value!r}"
            findings.add(field, value, message, "Shorten it in Autotask, or map something shorter.")
        unfit = characters.strangers(value, rule)
        if unfit:
            shown = " ".join(characters.spelled(one) for one in unfit)
            message = f"{field} {value!r} has characters that Exact Globe may not hold: {shown}"
            findings.add(field, value, message, "Write it otherwise, or set `characters: keep`.", "characters")


def _by_file(findings: Findings, row: Row, changes: Mapping[str, Any], columns: Row) -> None:
    whole = {**row, **columns}
    for name in NEEDED_IN_FILES:
        if not text(whole.get(name)):
            field = _FIELDS[name]
            message = f"A file for Exact Globe needs {field} of an account"
            findings.add(field, "", message, "Fill it in at the company, or use `route: entity-services`.")
    emptied = [_FIELDS.get(name, name) for name, value in columns.items() if value is None and text(row.get(name))]
    carried = {f"{UDF_FIELD}{name}" for name in IN_FILES}
    absent = [name for name in changes if name in NOT_IN_FILES or (name.startswith(UDF_FIELD) and name not in carried)]
    for name in (*emptied, *(name for name in absent if changes[name])):
        what = "be emptied by a file" if name in emptied else "go in a file"
        message = f"{name} cannot {what} for Exact Globe"
        findings.add(name, "", message, "Change it in Globe by hand, or leave the field out of fields_won_by.")
