"""Both systems side by side for a period: what is missing, double, different, made by hand, paid here and open there.

Pure: documents in, differences out. ``here`` is the source system, as the mapper made documents of it; ``there`` the
receiving system, as it holds them. They are paired by the reference, which is written to the receiving system.
"""

from __future__ import annotations

import datetime as dt  # noqa: TC003 - msgspec reads the annotations at run time
from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

import msgspec

from transfer_ledger.books import Booked, Taxed
from transfer_ledger.receipts import CENT, TOLERANCE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from transfer_ledger.documents import SalesInvoice

Kind = Literal["missing", "double", "different", "hand_made", "voided", "paid_here", "paid_there"]
KINDS: tuple[Kind, ...] = ("missing", "double", "different", "hand_made", "voided", "paid_here", "paid_there")
"""What can be wrong, in the order in which it is told: not there, there more than once, not the same, there and not
here, voided here and not taken back there, paid here and open there, the other way round."""

VOID = "-void"
"""Ends the reference of the credit for a voided document."""
ZERO = Decimal("0.00")


class Period(msgspec.Struct, frozen=True):
    """The days that are compared, both included."""

    first: dt.date
    last: dt.date

    def holds(self, day: dt.date | None) -> bool:
        """Return whether a day is one of them."""
        return day is not None and self.first <= day <= self.last


class Held(msgspec.Struct, kw_only=True):
    """A document of the source system."""

    number: str
    reference: str
    date: dt.date | None
    customer_code: str | None
    customer_name: str
    currency: str
    net: Decimal
    vat: Decimal
    gross: Decimal
    codes: dict[str, Taxed]
    """By VAT code; empty where the mapping gives none."""
    paid: dt.date | None = None
    voided: bool = False
    skip: str | None = None
    """Why the settings leave it out."""
    reason: str = ""
    """Why a run would not transfer it."""


class Detail(msgspec.Struct, kw_only=True):
    """One thing about a difference: what it is, and what each side says."""

    what: str
    """A field, ``code`` (the net amount under a VAT code), ``reason``, ``booked``, ``reference``, ``paid``,
    ``open``."""
    here: Decimal | dt.date | str | None = None
    there: Decimal | dt.date | str | None = None
    code: str = ""
    """The VAT code, or the number of what is booked (``here`` its date, ``there`` its amount)."""


class Difference(msgspec.Struct, kw_only=True):
    """One thing that does not agree."""

    kind: Kind
    number: str
    customer: str
    date: dt.date | None
    currency: str
    here: Decimal | None
    """Amount with VAT; None when it is not there."""
    there: Decimal | None
    details: list[Detail]
    numbers_there: list[str]


class CodeSums(msgspec.Struct, kw_only=True):
    """What stands under one VAT code and currency on each side, in the period."""

    code: str
    currency: str
    here: Taxed
    there: Taxed


class LeftOut(msgspec.Struct, kw_only=True):
    """A document that is meant to be in the source system only."""

    number: str
    customer: str
    reason: str | None
    """Why the settings leave it out; None: it was voided before it was transferred."""


class Reconciliation(msgspec.Struct, kw_only=True):
    """What a comparison says."""

    period: Period
    here: int
    """Documents of the source system dated in the period that belong in the receiving one."""
    there: int
    agreed: int
    """Pairs that agree in everything."""
    sums: list[CodeSums]
    differences: list[Difference]
    left_out: list[LeftOut]


def held_of(document: SalesInvoice, reason: str) -> Held:
    """Return a document as it is compared; amounts under a VAT code are rounded once per code.

    A single code has the document's own sums, as it has in the receiving system: a cent that the lines' rates come to
    otherwise would be a difference in the sums of a period in which every document agrees.
    """
    codes: defaultdict[str, list[tuple[Decimal, Decimal]]] = defaultdict(list)
    for line in document.lines:
        vat = line.vat_amount if line.vat_amount is not None else line.amount * (line.vat_rate or 0)
        codes[line.vat_code or ""].append((line.amount, vat))
    return Held(
        number=document.number,
        reference=document.reference.strip(),
        date=document.invoice_date,
        customer_code=document.customer.code,
        customer_name=document.customer.name,
        currency=document.currency,
        net=document.totals.net,
        vat=document.totals.vat,
        gross=document.totals.gross,
        codes=_codes(document, codes),
        paid=document.paid_date,
        voided=document.voided,
        skip=document.skip,
        reason=reason,
    )


def _codes(document: SalesInvoice, lines: Mapping[str, list[tuple[Decimal, Decimal]]]) -> dict[str, Taxed]:
    if len(lines) == 1:
        return {code: _summed([(document.totals.net, document.totals.vat)]) for code in lines}
    return {code: _summed(pairs) for code, pairs in lines.items()}


def reconcile(period: Period, here: Iterable[Held], there: Iterable[Booked]) -> Reconciliation:
    """Compare. Documents dated outside the period are there to be paired with, and are not told by themselves.

    Args:
        period: The days that are compared.
        here: Documents of the source system, of the period and around it.
        there: Those of the receiving system.
    """
    booked: defaultdict[str, list[Booked]] = defaultdict(list)
    for document in there:
        booked[document.reference.strip()].append(document)
    wanted, left_out, differences, agreed = list[Held](), list[LeftOut](), list[Difference](), 0
    known: set[str] = set()
    for held in here:
        known |= {held.reference, f"{held.reference}{VOID}"}
        pairs = booked.get(held.reference, [])
        # One that could not be mapped at all has no date: it is told rather than passed over.
        within = held.date is None or period.holds(held.date)
        if not (within or any(period.holds(each.date) for each in pairs)):
            continue
        found = list(_differences(held, pairs, booked.get(f"{held.reference}{VOID}", [])))
        differences += found
        if (held.voided or held.skip) and not pairs:
            left_out.append(LeftOut(number=held.number, customer=held.customer_name, reason=held.skip))
        elif within:
            wanted.append(held)
        agreed += bool(pairs) and not found
    dated = [each for rows in booked.values() for each in rows if period.holds(each.date)]
    differences += [_hand_made(each) for each in dated if each.reference.strip() not in known]
    return Reconciliation(
        period=period,
        here=len(wanted),
        there=len(dated),
        agreed=agreed,
        sums=_sums(wanted, dated),
        differences=sorted(differences, key=lambda each: (KINDS.index(each.kind), each.number)),
        left_out=left_out,
    )


def _differences(held: Held, pairs: Sequence[Booked], taken_back: Sequence[Booked]) -> Iterator[Difference]:
    """Yield what is wrong with a document and what stands under its reference, and under that of its credit."""
    if held.voided:
        if pairs and not taken_back:
            yield _difference("voided", held, pairs, [])
    elif not pairs:
        if not held.skip:
            yield _difference("missing", held, (), [Detail(what="reason", here=held.reason)] if held.reason else [])
    elif len(pairs) > 1:
        booked = [
            Detail(what="booked", code=each.number or each.id, here=each.date, there=each.gross) for each in pairs
        ]
        yield _difference("double", held, pairs, booked)
    else:
        (there,) = pairs
        if details := list(_details(held, there)):
            yield _difference("different", held, pairs, details)
        yield from _payment(held, there)


def _details(held: Held, there: Booked) -> Iterator[Detail]:
    plain = (
        ("currency", held.currency, there.currency),
        ("date", held.date, there.date),
        ("customer", (held.customer_code or "").strip(), (there.customer_code or "").strip()),
    )
    yield from (Detail(what=what, here=ours, there=theirs) for what, ours, theirs in plain if ours != theirs)
    amounts = [(name, getattr(held, name), getattr(there, name), "") for name in ("net", "vat", "gross")]
    amounts += [
        ("code", held.codes.get(code, _NONE).net, there.codes.get(code, _NONE).net, code)
        for code in sorted({*held.codes, *there.codes})
    ]
    for what, ours, theirs, code in amounts:
        if abs(ours - theirs) > TOLERANCE:
            yield Detail(what=what, here=ours, there=theirs, code=code)


def _payment(held: Held, there: Booked) -> Iterator[Difference]:
    if there.open is None:
        return
    if held.paid is not None and there.open:
        yield _difference(
            "paid_here", held, [there], [Detail(what="paid", here=held.paid), Detail(what="open", there=there.open)]
        )
    elif held.paid is None and not there.open and there.gross:
        yield _difference("paid_there", held, [there], [Detail(what="open", there=there.open)])


def _difference(kind: Kind, held: Held, pairs: Sequence[Booked], details: list[Detail]) -> Difference:
    return Difference(
        kind=kind,
        number=held.number,
        customer=held.customer_name,
        date=held.date,
        currency=held.currency,
        here=held.gross,
        there=sum((each.gross for each in pairs), ZERO) if pairs else None,
        details=details,
        numbers_there=[each.number or each.id for each in pairs],
    )


def _hand_made(there: Booked) -> Difference:
    return Difference(
        kind="hand_made",
        number=there.number or there.id,
        customer=there.customer_name or there.customer_code or "",
        date=there.date,
        currency=there.currency,
        here=None,
        there=there.gross,
        details=[Detail(what="reference", there=there.reference.strip() or None)],
        numbers_there=[there.number or there.id],
    )


def _sums(here: Sequence[Held], there: Sequence[Booked]) -> list[CodeSums]:
    sides: defaultdict[tuple[str, str], tuple[list[Taxed], list[Taxed]]] = defaultdict(lambda: ([], []))
    both: tuple[Sequence[Held | Booked], ...] = (here, there)
    for side, documents in enumerate(both):
        for document in documents:
            for code, taxed in document.codes.items():
                sides[document.currency, code][side].append(taxed)
    return [
        CodeSums(code=code, currency=currency, here=_total(ours), there=_total(theirs))
        for (currency, code), (ours, theirs) in sorted(sides.items())
    ]


def _total(parts: Iterable[Taxed]) -> Taxed:
    return _summed((part.net, part.vat) for part in parts)


def _summed(pairs: Iterable[tuple[Decimal, Decimal]]) -> Taxed:
    rows = list(pairs)
    net, vat = (sum((row[side] for row in rows), ZERO).quantize(CENT, "ROUND_HALF_UP") for side in (0, 1))
    return Taxed(net=net, vat=vat)


_NONE = Taxed(net=ZERO, vat=ZERO)
