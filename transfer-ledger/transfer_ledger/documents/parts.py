"""What documents of several kinds consist of."""

from __future__ import annotations

import datetime as dt  # noqa: TC003 - msgspec reads the annotations at run time
from decimal import Decimal
from typing import Any, ClassVar, Literal, Self

import msgspec
from typing_extensions import override

VoidPolicy = Literal["credit", "report", "ignore"]

_EXPLAINS = ("problems", "rules")

UNDECIDED = "?"
"""A code that a person has yet to choose: it stands so in the settings, and so in the document."""


class Source(msgspec.Struct, kw_only=True):
    """Where a document comes from: enough to find it again and to open it."""

    system: str
    tenant: str
    stream: str
    id: str
    url: str | None = None
    offered: int | None = None
    """How many records this run offers in all, for the progress that is shown; None when unknown."""


class Problem(msgspec.Struct, kw_only=True):
    """Why a document cannot be transferred as it is, and which setting would change that."""

    field: str
    value: str
    message: str
    setting: str | None = None
    advice: str = ""
    """What to do about it, where that is known of this problem alone."""
    paste: str | None = None
    """What to add to the setting, as YAML; ``?`` stands for what a person has to choose."""


class Address(msgspec.Struct, kw_only=True):
    """A postal address; ``country`` is the two-letter code."""

    line1: str | None = None
    line2: str | None = None
    postcode: str | None = None
    city: str | None = None
    state: str | None = None
    country: str | None = None


class Totals(msgspec.Struct, kw_only=True):
    """Amounts of a whole document, to the cent."""

    net: Decimal
    vat: Decimal
    gross: Decimal


class Attachment(msgspec.Struct, kw_only=True):
    """A file that goes along; ``data`` is base64 and is not kept in the ledger."""

    file_name: str
    content_type: str
    data: str


class Partner(msgspec.Struct, kw_only=True):
    """Who is invoiced or ordered from. ``id`` is the source system's key, by which the account is linked."""

    id: str
    name: str
    code: str | None = None
    vat_number: str | None = None
    chamber_of_commerce: str | None = None
    email: str | None = None
    phone: str | None = None
    website: str | None = None
    address: Address = msgspec.field(default_factory=Address)


class Headline(msgspec.Struct, kw_only=True, frozen=True):
    """What a document is called in the transfer log; what a kind does not have stays empty."""

    number: str
    reference: str | None = None
    name: str | None = None
    currency: str | None = None
    gross: Decimal | None = None
    date: dt.date | None = None


class Document(msgspec.Struct, kw_only=True):
    """What every document says, whatever its kind."""

    source: Source
    skip: str | None = None
    """Why it is not to be transferred at all, when the settings leave it out; the target records it as skipped."""
    problems: list[Problem] = msgspec.field(default_factory=list)
    """Why it cannot be mapped; the target records it as failed."""
    rules: dict[str, str] = msgspec.field(default_factory=dict)
    """Field to the settings row that gave its value, for example ``{"vat_code": "invoices.vat_codes[2]"}``."""

    unwritten: ClassVar[tuple[str, ...]] = _EXPLAINS
    """Fields that only explain, or that decide how it is written."""

    def headline(self) -> Headline:
        """Return what it is called in the transfer log."""
        return Headline(number=self.source.id)

    def content(self) -> dict[str, Any]:
        """Return what would be written of it: equal for documents that would be written alike."""
        written: dict[str, Any] = msgspec.to_builtins(self, builtin_types=(Decimal,))
        return {name: value for name, value in written.items() if name not in self.unwritten}


class Voucher(Document, kw_only=True):
    """A document with amounts, which is written once and never again: an invoice or an order."""

    number: str
    """The number in the source system."""
    reference: str
    """Written to the receiving system; by it the document is found again after a lost answer."""
    description: str = ""
    remarks: str | None = None
    currency: str
    exchange_rate: Decimal | None = None
    """Units of the administration's currency for one unit of ``currency``; None: the receiver's own rate."""
    payment_condition: str | None = None
    totals: Totals
    """What the source system says. The target compares it with what the receiving system answers."""
    voided: bool = False
    when_voided: VoidPolicy = "report"
    """What to do when it is voided in the source system after it was transferred."""
    attachments: list[Attachment] = msgspec.field(default_factory=list)

    partner_field: ClassVar[str]
    """The field with its customer or supplier."""

    @property
    def partner(self) -> Partner:
        """Its customer or supplier."""
        partner: Partner = getattr(self, self.partner_field)
        return partner

    @property
    def sought_as(self) -> str:
        """The form it is looked for in; documents of one form only have none."""
        return str(getattr(self, "form", ""))

    @property
    def day(self) -> dt.date | None:
        """The date it carries."""
        return None

    def reversal(self, voided: Self) -> Self | None:  # noqa: ARG002 - kinds without a reversal need no date
        """Return the document that takes this one back, given how it is offered now that it is voided; None: none."""
        return None

    @override
    def headline(self) -> Headline:
        return Headline(
            number=self.number,
            reference=self.reference,
            name=self.partner.name,
            currency=self.currency,
            gross=self.totals.gross,
            date=self.day,
        )

    @override
    def content(self) -> dict[str, Any]:
        """Return what would be written of it.

        Left out, besides what only explains: the partner's particulars beside its key and code, and the bytes of
        attachments.
        """
        written = super().content()
        written[self.partner_field] = [self.partner.id, self.partner.code]
        written["attachments"] = [attachment.file_name for attachment in self.attachments]
        written["lines"] = [{k: v for k, v in line.items() if k != "rules"} for line in written.get("lines", ())]
        return written
