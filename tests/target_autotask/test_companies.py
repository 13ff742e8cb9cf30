from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest

from tests.target_autotask.loading import Dock, Loaded, stream
from transfer_ledger import documents
from transfer_ledger.documents import Address, Company, Contact, Source
from transfer_ledger.ledger import Ledger

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Sandbox

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


@pytest.fixture
def yard(
    sandbox: Sandbox, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> Yard:
    caplog.set_level(logging.INFO)
    sandbox.reset(companies=12, invoices=0)
    yard = Yard(sandbox, capsys, caplog)
    yard.ledger_url = f"sqlite:///{tmp_path / 'ledger.db'}"
    return yard


def test_a_company_is_created_with_its_contact_and_linked(yard: Yard) -> None:
    """A new company has all that the document says, its main contact too, and is linked with its account."""
    run = yard.offer(company("1"))
    assert run.code == 0, run.log
    row = yard.row("Companies", companyNumber="X1")
    assert (row["companyName"], row["city"], row["phone"]) == ("Nieuw Bedrijf 1 B.V.", "Utrecht", "+31 30 555 0100")
    contact = yard.row("Contacts", companyID=row["id"])
    assert (contact["firstName"], contact["lastName"], contact["primaryContact"]) == ("Ans", "de Boer", True)
    assert yard.links() == {"guid-1": str(row["id"])}


def test_nothing_is_written_again(yard: Yard) -> None:
    """A second run reads what changed in three calls and writes nothing."""
    yard.offer(company("1"))
    run = yard.offer(company("1"))
    assert run.code == 0, run.log
    assert run.count("PATCH") + run.count("POST Companies ") + run.count("/Contacts ") == 0
    assert len(run.calls) <= 6


def test_a_change_costs_one_write_and_is_read_back(yard: Yard) -> None:
    """Each changed company costs one PATCH of the changed field; all are read back together."""
    parties = [company(str(number)) for number in range(20)]
    yard.offer(*parties)
    run = yard.offer(*(company(str(number), phone=f"+31 30 555 {number:04}") for number in range(20)))
    assert run.code == 0, run.log
    assert run.count("PATCH Companies ") == 20
    assert len(run.calls) - 20 <= 10
    assert yard.row("Companies", companyNumber="X7")["phone"] == "+31 30 555 0007"


def test_what_a_person_changed_in_autotask_stays(yard: Yard) -> None:
    """A field that only Autotask changed is not written back to what the account says."""
    yard.offer(company("1"))
    row = yard.row("Companies", companyNumber="X1")
    yard.sandbox.put_row("autotask", "Companies", row | {"webAddress": "https://anders.example"})
    yard.sandbox.clock(seconds=3600)
    run = yard.offer(company("1", phone="+31 30 555 9999"))
    assert run.code == 0, run.log
    row = yard.row("Companies", companyNumber="X1")
    assert (row["phone"], row["webAddress"]) == ("+31 30 555 9999", "https://anders.example")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"owner": "nobody@demo-msp.example"}, "0 active resources are called 'nobody@demo-msp.example'"),
        ({"payment_condition": "Ooit"}, "Autotask has no invoice template 'Ooit'; it has Factuur 14 dagen"),
        ({"company_type": "Klant"}, "'Klant' is not in the picklist"),
        ({"code": "D10003"}, "Code D10003 is that of D10003"),
        ({"address": Address(city="Utrecht", country="QQ")}, "Autotask has no country 'QQ'"),
        ({"name": "N" * 101}, "has 101 characters"),
    ],
)
def test_what_cannot_be_written_is_named_and_the_others_go_on(yard: Yard, wrong: dict[str, Any], said: str) -> None:
    """A company that Autotask would refuse is not sent; the log says why, and the next one is created."""
    run = yard.offer(company("1", **wrong), company("2"))
    assert run.code == 1
    assert any(said in line for line in run.log), run.log
    assert run.count("POST Companies ") == 1
    assert yard.rows("Companies", companyNumber="X2")


def test_a_lost_answer_makes_no_second_company(yard: Yard) -> None:
    """A create whose answer is lost is looked for by the next run, which makes no other company."""
    yard.sandbox.fault(system="autotask", method="POST", path="/V1.0/Companies", nth=2, kind="drop_after_commit")
    first = yard.offer(company("1"))
    assert first.code == 1
    second = yard.offer(company("1"))
    assert second.code == 0, second.log
    assert len(yard.rows("Companies", companyNumber="X1")) == 1


def test_a_field_that_is_taken_and_not_kept_is_told(yard: Yard) -> None:
    """When Autotask answers 200 and keeps the old value, the company fails and says which field."""
    yard.offer(company("1"))
    answer = {"kind": "error", "status": 200, "body": {"itemId": 1}}
    yard.sandbox.fault(system="autotask", method="PATCH", path="/V1.0/Companies", **answer)
    run = yard.offer(company("1", phone="+31 30 555 9999"))
    assert run.code == 1
    assert any("phone: '+31 30 555 9999' was sent, '+31 30 555 0100' was kept" in line for line in run.log), run.log


def test_plain_records_of_companies_are_rows_and_no_documents(yard: Yard) -> None:
    """Records of other taps under the same stream name are still loaded as rows of the entity."""
    plain = {"companyNumber": "D10003", "phone": "+31 30 555 4444"}
    assert yard.load(stream("companies", plain)).code == 0
    assert yard.row("Companies", companyNumber="D10003")["phone"] == "+31 30 555 4444"
