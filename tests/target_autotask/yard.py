"""Companies as accounts become them, and where they are loaded."""

from __future__ import annotations

from typing import Any

from tests.target_autotask.loading import Dock, Loaded, stream
from transfer_ledger import documents
from transfer_ledger.documents import Address, Company, Contact, Source
from transfer_ledger.ledger import Ledger

WON = (
    *("company_type", "name", "code", "vat_number", "phone", "website", "payment_condition", "address", "contact"),
    "active",
)


def company(key: str, **changes: Any) -> Company:
    """Return the company that an account becomes."""
    fields: dict[str, Any] = {
        "source": Source(system="exact_online", tenant="1234567", stream="expanded_accounts", id=f"guid-{key}"),
        "code": f"X{key}",
        "name": f"Nieuw Bedrijf {key} B.V.",
        "company_type": "Customer",
        "vat_number": None,
        "phone": "+31 30 555 0100",
        "website": f"https://nieuw-{key.lower()}.example",
        "payment_condition": "Factuur 30 dagen",
        "owner": "api@demo-msp.example",
        "address": Address(line1="Oudegracht 1", postcode="3511 AB", city="Utrecht", country="NL"),
        "contact": Contact(first_name="Ans", last_name="de Boer", email=f"ans@nieuw-{key.lower()}.example"),
        "fields_won_by": dict.fromkeys(WON, "source"),
        "when_missing": "create",
    }
    return Company(**fields | changes)


class Yard(Dock):
    """Where companies are loaded."""

    ledger_url = ""

    def offer(self, *offered: Company, **settings: Any) -> Loaded:
        """Run the target on documents."""
        schema, *rest = stream("companies", *(documents.encode(each) for each in offered))
        schema |= {"schema": documents.schema("companies"), "key_properties": documents.KEY_PROPERTIES}
        return self.load([schema, *rest], ledger_url=self.ledger_url, **settings)

    def links(self) -> dict[str, str]:
        """Return the account of each linked company."""
        ledger = Ledger.open(self.ledger_url)
        found = {link.receiver_id: link.source_id for link in ledger.links("exact_online/1234567", "accounts").values()}
        ledger.close()
        return found
