from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.target_autotask.loading import stream
from tests.target_autotask.yard import company
from transfer_ledger.documents import Address, Contact

if TYPE_CHECKING:
    from tests.target_autotask.yard import Yard


def test_a_company_is_created_with_its_contact_and_linked(yard: Yard) -> None:
    """A new company has all that the document says, its main contact too, and is linked with its account."""
    run = yard.offer(company("1"))
    assert run.code == 0, run.log
    row = yard.row("Companies", companyNumber="X1")
    assert (row["companyName"], row["city"], row["phone"]) == ("Nieuw Bedrijf 1 B.V.", "Utrecht", "+31 30 555 0100")
    contact = yard.row("Contacts", companyID=row["id"])
    assert (contact["firstName"], contact["lastName"], contact["primaryContact"]) == ("Ans", "de Boer", True)
    assert yard.links() == {"guid-1": str(row["id"])}


def test_an_account_without_a_contact_becomes_a_company_without_one(yard: Yard) -> None:
    """Most accounts of Exact have no contact: their company is made without one, and then nothing is left to write."""
    run = yard.offer(company("1", contact=Contact()))
    assert run.code == 0, run.log
    assert yard.rows("Contacts", companyID=yard.row("Companies", companyNumber="X1")["id"]) == []
    again = yard.offer(company("1", contact=Contact()))
    assert (again.code, again.count("PATCH"), again.count("/Contacts ")) == (0, 0, 0)


def test_a_contact_that_is_no_longer_the_main_one_keeps_its_name(yard: Yard) -> None:
    """When an account has no main contact any more, the company has none either, and the person stays in Autotask."""
    yard.offer(company("1"))
    run = yard.offer(company("1", contact=Contact(), phone="+31 30 555 9999"))
    assert run.code == 0, run.log
    row = yard.row("Companies", companyNumber="X1")
    contact = yard.row("Contacts", companyID=row["id"])
    assert (row["phone"], contact["lastName"], contact["primaryContact"]) == ("+31 30 555 9999", "de Boer", False)
    again = yard.offer(company("1", contact=Contact(), phone="+31 30 555 9999"))
    assert (again.code, again.count("PATCH"), again.count("/Contacts ")) == (0, 0, 0)


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
        ({"contact": Contact(last_name="de Boer")}, "a first and a last name only; Exact has de Boer"),
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


def test_a_missing_right_is_named_and_the_others_go_on(yard: Yard) -> None:
    """A company that the API user may not create fails with what Autotask said, and the next one is created."""
    body = {"errors": ["You do not have permission to create Account."]}
    yard.sandbox.fault(
        system="autotask", method="POST", path="/V1.0/Companies", nth=2, kind="error", status=403, body=body
    )
    run = yard.offer(company("1"), company("2"))
    assert run.code == 1
    assert any("403" in line and "right" in line for line in run.log), run.log
    assert [row["companyNumber"] for row in yard.rows("Companies") if str(row["companyNumber"]).startswith("X")] == [
        "X2"
    ]


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
