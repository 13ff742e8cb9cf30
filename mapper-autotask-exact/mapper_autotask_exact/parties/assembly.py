"""A party put together from what both directions map alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from mapper_autotask_exact.parties.settings import CODES
from transfer_ledger.documents import Account, Company

if TYPE_CHECKING:
    from mapper_autotask_exact.parties.case import Case

PartyT = TypeVar("PartyT", Account, Company)
UNKNOWN_TO_AUTOTASK = frozenset({"email", "chamber_of_commerce", "bank_account"})
"""Companies of Autotask have no such field; these are written through ``udf`` only."""


def assembled(case: Case, kind: type[PartyT], *, active: bool, **rest: Any) -> PartyT:
    """Return a document with everything that does not depend on where the record comes from.

    Args:
        case: The record.
        kind: The class of the document.
        active: Whether the source holds it for active.
        rest: The other fields.
    """
    settings = case.settings
    code = case.code()
    values: dict[str, Any] = {field: case.text(field) for field in settings.templates}
    values |= {field: case.coded(field) for field in settings.codes}
    values["name"] = values["name"] or ""
    if not values["name"]:
        case.problem("name", "", f"it has no name; fill it in in {case.origin}", case.setting("name"))
    return kind(
        code=code,
        active=active or settings.inactive == "ignore",
        udf=case.udf(),
        fields_won_by=case.spoken_of(_spoken(case, kind)),
        when_missing=case.chosen("when_missing", settings.when_missing, "ask"),
        code_rule="given" if code else "receiver",
        rules=case.rules,
        **values,
        **rest,
    )


def own_words(made: Account | Company, held: dict[str, Any]) -> dict[str, Any]:
    """Return what the source itself holds, for the fields where the document says it in other words.

    Args:
        made: The document.
        held: Field to what the source holds; rows as ``Address`` and ``Contact``.
    """
    said = msgspec.to_builtins(made)
    own = {name: msgspec.to_builtins(value) for name, value in held.items() if name in made.fields_won_by}
    return {name: value for name, value in own.items() if value != said[name]}


def _spoken(case: Case, kind: type[Account | Company]) -> list[str]:
    """Return the fields that a document of these settings speaks of."""
    settings = case.settings
    unknown = UNKNOWN_TO_AUTOTASK if kind is Company else frozenset()
    return [
        case.kind_field,
        *(field for field in settings.templates if field not in unknown),
        *(field for field in CODES if field in settings.codes),
        *("code", "address"),
        *(["contact"] if settings.contact else []),
        *(["active"] if settings.inactive == "follow" else []),
    ]
