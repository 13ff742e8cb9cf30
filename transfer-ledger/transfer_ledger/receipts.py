"""What the receiving system says it holds, and the pure rules by which it is compared with our document."""

from __future__ import annotations

import datetime as dt  # noqa: TC003 - msgspec reads the annotations at run time
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec

from transfer_ledger.documents import Problem, Totals
from transfer_ledger.exceptions import Ambiguous

if TYPE_CHECKING:
    from collections.abc import Iterable

    from transfer_ledger.documents import Voucher

CENT = Decimal("0.01")
TOLERANCE = CENT / 2
"""Amounts that differ by no more are the same to the cent: one of them may have more decimals."""


class Receipt(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """What a write produced: the key in the receiving system, what people call it, where they open it."""

    id: str
    number: str | None = None
    url: str | None = None
    totals: Totals | None = None
    """As the receiving system computed them; None when it does not say."""
    problems: list[Problem] = []
    """What a person must look at although it was written, for example a number other than the one asked for."""
    adopted: bool = False
    """Found instead of written; set by the protocol."""
    ours: list[str] = []
    """Values of a row that is kept up to date that this link wrote or may have written; others are a person's."""


class Found(msgspec.Struct, kw_only=True, frozen=True):
    """A document the receiving system already holds under some reference."""

    id: str
    reference: str
    customer_id: str
    gross: Decimal
    """In the document's currency, signed as documents are: a credit is negative."""
    number: str | None = None
    date: dt.date | None = None
    url: str | None = None


class Prepared(msgspec.Struct, kw_only=True):
    """What ``prepare`` worked out for one document; targets add their own fields in a subclass."""

    customer_id: str | None
    """The customer's key in the receiving system, by which a found document is recognised; None: not there yet."""


Receipts = Mapping[str, Receipt]
"""Name of a step that is done to what it produced."""


AIM = " aims at"


def aim_of(step: str) -> str:
    """Return under which name the receipts hold the row that a step changes."""
    return f"{step}{AIM}"


class Step(msgspec.Struct, kw_only=True, frozen=True):
    """One remote write of a transfer. All callables are given the receipts of the steps before it.

    ``find`` asks whether it was done before; it writes nothing and may raise ``Ambiguous``. ``write`` is one remote
    call; it may raise ``Unanswered``, ``DocumentFailed`` or ``StopRun``.
    """

    name: str
    find: Callable[[Receipts], Receipt | None]
    write: Callable[[Receipts], Receipt]
    aim: Callable[[Receipts], Receipt] | None = None
    """Says which row of several that look alike is changed. It is asked before the write and written down with it, so
    that ``find`` and ``write`` have its answer under ``aim_of`` the name, also after a lost answer. It writes nothing
    and may raise ``DocumentFailed``."""
    precedes: bool = False
    """A write the document needs first, such as that of its customer. The first step that does not precede creates
    the document: its receipt is the transfer's."""
    shows: Callable[[Receipts], Mapping[str, Any]] | None = None
    """What would be sent, by the receiving system's names and with codes instead of ids, for a dry run."""


def match(document: Voucher, customer_id: str | None, candidates: Iterable[Found]) -> Found | None:
    """Return the one candidate that is this document, None when there is none.

    It must agree in reference, customer and gross amount (to the cent). Without such a one, another that agrees in
    reference and in customer or amount may be this document changed by hand: it is neither taken nor passed over.

    Raises:
        Ambiguous: several agree, or none agrees in all and one in part.
    """
    agreement = {found: _agreement(document, customer_id, found) for found in candidates}
    whole = [found for found, agreed in agreement.items() if agreed == _ALL]
    if len(whole) == 1:
        return whole[0]
    close = whole or [found for found, agreed in agreement.items() if agreed == _ALL - 1]
    if not close:
        return None
    raise _ambiguous(document, [_told(found, document, customer_id) for found in close], several=bool(whole))


def totals_problems(said: Totals, computed: Totals | None) -> list[Problem]:
    """Return a problem for each total that the receiving system computed differently, to the cent."""
    if computed is None:
        return []
    pairs = ((name, getattr(said, name), getattr(computed, name)) for name in Totals.__struct_fields__)
    return [
        Problem(field=f"totals.{name}", value=f"{there:f}", message=f"{name} is {here:f} here and {there:f} there")
        for name, here, there in pairs
        if not _same_amount(here, there)
    ]


_ALL = 3


def _agreement(document: Voucher, customer_id: str | None, found: Found) -> int:
    """Count in how many of reference, customer and amount both agree; nothing counts without the reference."""
    if found.reference.strip() != document.reference.strip():
        return 0
    return 1 + (found.customer_id == customer_id) + _same_amount(found.gross, document.totals.gross)


def _same_amount(one: Decimal, other: Decimal) -> bool:
    return abs(one - other) <= TOLERANCE


def _told(found: Found, document: Voucher, customer_id: str | None) -> str:
    """Return how a document that is there is called, and in what it differs."""
    gross = document.totals.gross
    instead = "" if _same_amount(found.gross, gross) else f" instead of {gross:f}"
    whose = "the same account" if found.customer_id == customer_id else "another account"
    return f"{found.number or found.id} of {found.date or 'no date'}, {found.gross:f}{instead}, of {whose}"


def _ambiguous(document: Voucher, candidates: list[str], *, several: bool) -> Ambiguous:
    what = "several documents that are this one" if several else "a document that agrees with this one only in part"
    problem = Problem(
        field="reference",
        value=document.reference,
        message=f"The receiving system holds, under reference {document.reference}, {what}: {'; '.join(candidates)}",
    )
    return Ambiguous(
        [problem], "Look there which one it is; remove or renumber what is too many.", candidates=candidates
    )
