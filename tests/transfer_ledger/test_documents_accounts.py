from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from transfer_ledger import documents
from transfer_ledger.documents import Account, Address, Company, Contact, Problem, Source
from transfer_ledger.links.parties import party


def account(**changes: Any) -> Account:
    """Return an account as the mapper makes one."""
    fields: dict[str, Any] = {
        "source": Source(system="autotask", tenant="123456", stream="expanded_companies", id="29683001"),
        "code": "D10042",
        "name": "Voorbeeld BV",
        "status": ["customer"],
        "address": Address(line1="Keizersgracht 100", postcode="1015 AA", city="Amsterdam", country="NL"),
        "contact": Contact(first_name="Ans", email="ans@voorbeeld.example"),
        "udf": {"Regio": "Noord"},
        "fields_won_by": {"name": "source"},
    }
    return Account(**{**fields, **changes})


@pytest.mark.parametrize("kind", [Account, Company])
def test_a_party_survives_singer(kind: type[Account]) -> None:
    """A party comes out of a Singer record as it went in, and the record fits the stream's schema."""
    made = kind(**msgspec.structs.asdict(account(bank_account="NL91ABNA0417164300", active=False)))
    stream = next(name for name, each in documents.STREAMS.items() if each is kind)
    record = json.loads(json.dumps(documents.encode(made)))
    assert record.keys() == documents.schema(stream)["properties"].keys()
    assert record.pop("key") == "autotask/123456/expanded_companies/29683001"
    assert documents.decode(stream, record) == made


def test_what_is_no_party_is_refused() -> None:
    """A status that nobody knows is refused with its path."""
    record = documents.encode(account()) | {"status": ["friend"]}
    with pytest.raises(msgspec.ValidationError, match=r"'friend'.*\$.status"):
        documents.decode("accounts", record)


@pytest.mark.parametrize(
    "changes",
    [
        {"problems": [Problem(field="code", value="", message="missing")]},
        {"rules": {"status": "accounts.statuses[0]"}},
        {"fields_won_by": {"name": "report"}},
        {"when_missing": "create"},
        {"code_rule": "receiver"},
        {"source": Source(system="autotask", tenant="123456", stream="expanded_companies", id="29683001", offered=9)},
    ],
)
def test_how_a_party_is_merged_is_no_content(changes: dict[str, Any]) -> None:
    """What decides or explains the transfer of a party leaves its fingerprint as it was."""
    assert documents.fingerprint(account(**changes)) == documents.fingerprint(account())


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "Voorbeeld B.V."},
        {"status": ["customer", "supplier"]},
        {"address": Address(line1="Keizersgracht 101")},
        {"udf": {"Regio": None}},
        {"active": False},
        {"deleted": True},
        {"source": Source(system="autotask", tenant="123456", stream="expanded_companies", id="29683002")},
    ],
)
def test_what_is_written_is_content(changes: dict[str, Any]) -> None:
    """Whatever would be written otherwise, or of another company, changes the fingerprint."""
    assert documents.fingerprint(account(**changes)) != documents.fingerprint(account())


def test_candidates_are_found_from_a_document() -> None:
    """The rules for links read a document of a party as it is encoded."""
    found = party("29683001", documents.encode(account()))
    assert (found.code, found.status, found.address.city) == ("D10042", ("customer",), "Amsterdam")
    assert found.contact.email == "ans@voorbeeld.example"
