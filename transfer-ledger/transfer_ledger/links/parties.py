"""What is compared: a company of Autotask or an account of Exact, and the links between them that are known already."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import msgspec

from transfer_ledger.documents import Address

if TYPE_CHECKING:
    from collections.abc import Mapping

LinkState = Literal["confirmed", "proposed", "refused"]


class Contact(msgspec.Struct, kw_only=True, frozen=True):
    """The main person of a party, as far as it helps to recognise the party."""

    email: str | None = None
    phone: str | None = None


class Party(msgspec.Struct, kw_only=True, frozen=True):
    """A company (Autotask) or an account (Exact), in the words of the ``accounts`` and ``companies`` documents.

    All texts are as people typed them; ``links.normal`` makes them comparable.
    """

    id: str
    """The system's own key."""
    code: str | None = None
    name: str | None = None
    status: tuple[str, ...] = ()
    """Any of customer, supplier, prospect; empty: not known."""
    vat_number: str | None = None
    chamber_of_commerce: str | None = None
    phone: str | None = None
    email: str | None = None
    website: str | None = None
    address: Address = msgspec.field(default_factory=Address)
    contact: Contact = msgspec.field(default_factory=Contact)
    bank_account: str | None = None
    active: bool = True

    @property
    def title(self) -> str:
        """How messages name it: code and name, or the id when it has neither."""
        return " ".join(text.strip() for text in (self.code, self.name) if text) or self.id


class KnownLink(msgspec.Struct, kw_only=True, frozen=True):
    """What is known of a pair, and how both parties looked when that was written; None: not remembered."""

    company_id: str
    account_id: str
    state: LinkState = "confirmed"
    company_code: str | None = None
    company_name: str | None = None
    account_code: str | None = None
    account_name: str | None = None


def link(company: Party, account: Party, state: LinkState) -> KnownLink:
    """Return the link of a pair, with how both look today."""
    return KnownLink(
        company_id=company.id,
        account_id=account.id,
        state=state,
        company_code=company.code,
        company_name=company.name,
        account_code=account.code,
        account_name=account.name,
    )


def party(party_id: str, document: Mapping[str, Any]) -> Party:
    """Return the party that an ``accounts`` or ``companies`` document describes; empty values count as absent.

    Raises:
        msgspec.ValidationError: a field has another type than the document's; the message names the path.
    """
    given = {name: value for name, value in document.items() if value is not None}
    return msgspec.convert({**given, "id": party_id}, Party)
