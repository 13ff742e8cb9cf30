"""What the receiving system holds of a period: one line per document, written by a target's program, read here."""

from __future__ import annotations

import datetime as dt  # noqa: TC003 - msgspec reads the annotations at run time
from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_encode = msgspec.json.Encoder(decimal_format="number").encode


class Taxed(msgspec.Struct, kw_only=True, frozen=True):
    """What is booked under one VAT code, in the document's currency."""

    net: Decimal
    vat: Decimal


class Booked(msgspec.Struct, kw_only=True, frozen=True):
    """One document of the receiving system. A credit has negative amounts."""

    id: str
    form: str
    number: str | None = None
    reference: str = ""
    date: dt.date | None = None
    customer_code: str | None = None
    customer_name: str | None = None
    currency: str
    net: Decimal
    vat: Decimal
    gross: Decimal
    codes: dict[str, Taxed]
    """By VAT code; empty for lines without one."""
    open: Decimal | None = None
    """What is still to be received; None when it is not booked yet, so that nothing can be paid."""


_decode = msgspec.json.Decoder(Booked, float_hook=Decimal).decode


def written(document: Booked) -> bytes:
    """Return the line of a document."""
    return _encode(document) + b"\n"


def read(lines: Iterable[bytes]) -> Iterator[Booked]:
    """Yield the documents of a program's output.

    Raises:
        msgspec.DecodeError: a line is none.
    """
    return (_decode(line) for line in lines if line.strip())
