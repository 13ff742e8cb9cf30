"""Accounts for Exact and companies for Autotask: the same party, in the words both directions share.

Stream ``accounts`` for Exact, ``companies`` for Autotask. What a document says of a party that is linked is merged
field by field with what the receiving system holds (``transfer_ledger.merge``); ``fields_won_by`` names those fields.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import msgspec
from typing_extensions import override

from transfer_ledger.documents.parts import Address, Document, Headline

Status = Literal["customer", "supplier", "prospect"]
Winner = Literal["source", "receiver", "report"]
"""Who wins a field that changed on both sides; ``report`` changes nothing and leaves it to a person."""
WhenMissing = Literal["create", "ask", "fail"]
CodeRule = Literal["given", "receiver"]

TOLD = frozenset(
    {
        *("code", "name", "status", "vat_number", "chamber_of_commerce", "phone", "email", "website", "language"),
        *("payment_condition", "currency", "address", "contact", "bank_account", "classification", "active"),
    }
)
"""The fields of a party that are merged; ``udf.<name>`` stands beside them for each user-defined field."""


class Contact(msgspec.Struct, kw_only=True):
    """The main person of a party."""

    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    phone: str | None = None


class Party(Document, kw_only=True):
    """What both kinds say. ``source.id`` is the source system's key, by which the party is linked."""

    code: str | None = None
    name: str = ""
    status: list[Status] = msgspec.field(default_factory=list)
    """What it is for the user's firm; empty: none of these."""
    vat_number: str | None = None
    """With its country before it, without spaces or points."""
    chamber_of_commerce: str | None = None
    phone: str | None = None
    email: str | None = None
    website: str | None = None
    language: str | None = None
    payment_condition: str | None = None
    currency: str | None = None
    address: Address = msgspec.field(default_factory=Address)
    contact: Contact = msgspec.field(default_factory=Contact)
    bank_account: str | None = None
    """IBAN, without spaces."""
    classification: str | None = None
    active: bool = True
    udf: dict[str, str | None] = msgspec.field(default_factory=dict)
    """User-defined fields of the receiving system, by name; None empties one."""
    deleted: bool = False
    """It is gone from the source system. Nothing is written; a linked party of the receiver is reported."""
    fields_won_by: dict[str, Winner] = msgspec.field(default_factory=dict)
    """The fields this document speaks of. The receiver's values of all others are left alone."""
    own: dict[str, Any] = msgspec.field(default_factory=dict)
    """What the source itself holds in a field, where the document says it in other words: a phone number as it was
    typed, or the invoice template that stands for a payment condition. By it a later change of the source is known."""
    when_missing: WhenMissing = "ask"
    """What to do when no party of the receiver is linked: make one, propose candidates to a person, or fail."""
    code_rule: CodeRule = "given"
    """Whether a new party gets ``code``, or the one that the receiving system gives it."""

    unwritten: ClassVar[tuple[str, ...]] = (
        *Document.unwritten,
        *("fields_won_by", "own", "when_missing", "code_rule"),
    )

    @override
    def headline(self) -> Headline:
        return Headline(number=self.code or self.source.id, reference=self.code, name=self.name)


class Account(Party, kw_only=True):
    """An account for Exact, from a company of Autotask; stream ``accounts``."""


class Company(Party, kw_only=True):
    """A company for Autotask, from an account of Exact; stream ``companies``.

    ``payment_condition`` is the name of an invoice template, by which Autotask knows a company's payment term.
    Autotask has no field for language, e-mail address, bank account and chamber of commerce number of a company:
    those are written through ``udf``.
    """

    company_type: str | None = None
    """Label of Autotask's picklist companyType."""
    owner: str | None = None
    """E-mail address or user name of the resource that owns a new company."""
