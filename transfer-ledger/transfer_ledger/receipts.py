"""What the receiving system says it holds, and the pure rule by which that is recognised as our document."""

from __future__ import annotations

import datetime as dt  # noqa: TC003 - msgspec reads the annotations at run time
from collections.abc import Callable, Mapping
from decimal import Decimal  # noqa: TC003 - msgspec reads the annotations at run time
from typing import TYPE_CHECKING

import msgspec

from transfer_ledger.documents import Totals  # noqa: TC001 - msgspec reads the annotations at run time

if TYPE_CHECKING:
    from collections.abc import Iterable

    from transfer_ledger.documents import Document


class Receipt(msgspec.Struct, kw_only=True, frozen=True):
    """What a write produced: the key in the receiving system, what people call it, where they open it."""

    id: str
    number: str | None = None
    url: str | None = None
    totals: Totals | None = None
    """As the receiving system computed them; None when it does not say."""


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

    customer_id: str
    """The key of the customer in the receiving system, by which a found document is recognised."""


Receipts = Mapping[str, Receipt]
"""Name of a step that is done to what it produced; the first step's is the document's own."""


class Step(msgspec.Struct, kw_only=True, frozen=True):
    """One remote write of a transfer. Both callables are given the receipts of the steps before it.

    ``find`` asks whether it was done before; it writes nothing and may raise ``Ambiguous``. ``write`` is one remote
    call; it may raise ``Unanswered``, ``DocumentFailed`` or ``StopRun``.
    """

    name: str
    find: Callable[[Receipts], Receipt | None]
    write: Callable[[Receipts], Receipt]


def match(document: Document, customer_id: str, candidates: Iterable[Found]) -> Found | None:
    """Return the one candidate that is this document, None when there is none.

    It must agree in reference, customer and gross amount. One that agrees in reference and only one of the other
    two may be this document changed by hand, so it is neither taken nor passed over.

    Raises:
        Ambiguous: several agree, or one agrees in part.
    """
    raise NotImplementedError
