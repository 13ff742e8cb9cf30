from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tap_exact_online.exceptions import Forbidden, StopRun
from tests.tap_exact_online.bookings import book_everything, client_of, customers
from tests.tap_exact_online.running import Run, paths, sandbox_settings, signal_at
from tests.tap_exact_online.tables import Row, Tables, guid, refused, wire

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Sandbox

STREAM = "expanded_accounts"
EVERY_RUN = ["system/Divisions", "sync/Deleted", "sync/CRM/Contacts", "sync/CRM/Addresses", "crm/BankAccounts"]
LISTS = ["cashflow/PaymentConditions", "vat/VATCodes", "crm/AccountClassifications"]


def belonging(number: int, of: int, timestamp: int, **more: Any) -> Row:
    return {"ID": guid(number), "Account": guid(of), "Timestamp": str(timestamp), **more}


class Office(Tables):
    """Accounts 1, 2, … each with a contact (10,000 + n), two addresses and a bank account."""

    def __init__(self, count: int = 3, page: int = 1000) -> None:
        numbers = range(1, count + 1)
        self.timestamp = 100_000
        contacts = [belonging(10_000 + n, n, 10 + n, FirstName=f"Contact {n}") for n in numbers]
        addresses = [belonging(20_000 + n, n, 10 + n, Type=4, Main=True) for n in numbers]
        addresses += [belonging(30_000 + n, n, 5000 + n, Type=1, Main=False) for n in numbers]
        bank = [belonging(40_000 + n, n, 0, Main=True, Modified=wire("2026-09-01T12:00:00")) for n in numbers]
        accounts = [self.account(n, 10 + n) for n in numbers]
        rows = {
            "sync/CRM/Accounts": accounts,
            "bulk/CRM/Accounts": accounts,
            "sync/CRM/Contacts": contacts,
            "bulk/CRM/Contacts": contacts,
            "sync/CRM/Addresses": addresses,
            "bulk/CRM/Addresses": addresses,
            "crm/BankAccounts": bank,
            "cashflow/PaymentConditions": [{"ID": guid(901), "Code": "14", "PaymentDays": 14}],
            "vat/VATCodes": [{"ID": guid(902), "Code": "2  ", "Percentage": 0.21}],
            "crm/AccountClassifications": [{"ID": guid(903), "Code": "A", "Description": "Gold"}],
            "sync/Deleted": [],
        }
        super().__init__(rows, page)

    @staticmethod
    def account(number: int, timestamp: int, **more: Any) -> Row:
        """Return an account that refers to something of each kind."""
        return {
            "ID": guid(number),
            "Timestamp": str(timestamp),
            "Code": f"{number:>18}",
            "MainContact": guid(10_000 + number),
            "PaymentConditionSales": "14",
            "SalesVATCode": "2  ",
            "Classification1": guid(903),
            **more,
        }

    def change(self, resource: str, number: int, **changes: Any) -> None:
        """Change a row of a feed, which gives it a new rowversion."""
        self.timestamp += 1
        row = next(row for row in self.rows[resource] if row["ID"] == guid(number))
        row.update(changes, Timestamp=str(self.timestamp))

    def expanded(self, folder: Path, state: Row | None = None, **options: Any) -> Run:
        """Run the tap for the one stream."""
        return self.run(folder, [STREAM], state, **options)


def ids(run: Run) -> list[str]:
    return [record["ID"] for record in run.of(STREAM)]


def test_an_account_comes_with_all_that_belongs_to_it(tmp_path: Path) -> None:
    """The main contact, the addresses by type, and the rows that its codes and classifications stand for."""
    office = Office()
    office.rows["sync/CRM/Contacts"].append(belonging(150, 1, 99, FirstName="Another"))
    record = office.expanded(tmp_path).of(STREAM)[0]
    assert (record["ID"], record["Code"], record["Division"]) == (guid(1), "1", 1234567)
    assert record["main_contact"]["FirstName"] == "Contact 1"
    assert [(address["ID"], address["Type"]) for address in record["addresses"]] == [
        (guid(30_001), 1),
        (guid(20_001), 4),
    ]
    assert [account["ID"] for account in record["bank_accounts"]] == [guid(40_001)]
    assert record["payment_condition_sales"]["PaymentDays"] == 14
    assert record["payment_condition_purchase"] is None
    assert str(record["sales_vat_code"]["Percentage"]) == "0.21"
    assert [row["Description"] for row in record["classifications"]] == ["Gold"]
    assert record["web_url"] == (
        f"https://start.exactonline.nl/docs/CRMAccountCard.aspx?_Division_=1234567&AccountID=%7b{guid(1)}%7d"
    )


def test_2500_accounts_cost_a_few_calls(tmp_path: Path) -> None:
    """Accounts and what belongs to them are read in bulk: no call is one account's own."""
    office = Office(2500)
    assert len(ids(office.expanded(tmp_path))) == 2500
    counts = {resource: office.resources.count(resource) for resource in office.resources}
    assert counts == {
        "system/Divisions": 1,
        "sync/Deleted": 1,
        "sync/CRM/Accounts": 3,
        "sync/CRM/Contacts": 3,
        "sync/CRM/Addresses": 5,
        "crm/BankAccounts": 3,  # 60 rows a page at Exact
        **dict.fromkeys(LISTS, 1),
    }


def test_nothing_new_costs_six_calls(tmp_path: Path) -> None:
    """A run without changes asks each feed once, reads no list and emits nothing."""
    office = Office()
    state = office.expanded(tmp_path).state
    again = office.expanded(tmp_path, state)
    assert again.of(STREAM) == []
    assert office.resources == [*EVERY_RUN, "sync/CRM/Accounts"]


def test_what_is_not_selected_is_not_read(tmp_path: Path) -> None:
    """Without bank accounts, VAT codes and classifications their endpoints are left alone."""
    office = Office()
    parts = ("bank_accounts", "sales_vat_code", "purchase_vat_code", "classifications")
    run = office.expanded(tmp_path, deselect=[f"{STREAM}.{part}" for part in parts])
    assert not set(parts) & set(run.of(STREAM)[0])
    assert set(office.resources).isdisjoint({"crm/BankAccounts", "vat/VATCodes", "crm/AccountClassifications"})


def test_a_deselected_column_by_which_others_are_found_is_read_but_not_told(tmp_path: Path) -> None:
    """Leaving out MainContact does not cost the main contact."""
    record = Office().expanded(tmp_path, deselect=[f"{STREAM}.MainContact"]).of(STREAM)[0]
    assert "MainContact" not in record
    assert record["main_contact"]["FirstName"] == "Contact 1"


@pytest.mark.parametrize(
    ("resource", "number"),
    [("sync/CRM/Contacts", 10_002), ("sync/CRM/Addresses", 20_002), ("sync/CRM/Addresses", 30_002)],
)
def test_a_change_of_what_belongs_to_an_account_tells_the_account_again(
    tmp_path: Path, resource: str, number: int
) -> None:
    """A new phone number of the contact makes news of the account, though its own row did not change."""
    office = Office()
    state = office.expanded(tmp_path).state
    office.change(resource, number, Phone="0201234567")
    run = office.expanded(tmp_path, state)
    (record,) = run.of(STREAM)
    assert record["ID"] == guid(2)
    assert "0201234567" in str(record)
    assert office.expanded(tmp_path, run.state).of(STREAM) == []


def test_a_changed_bank_account_is_told_once(tmp_path: Path) -> None:
    """Bank accounts have no feed: those that changed lately are read each time, but told once."""
    office = Office()
    state = office.expanded(tmp_path).state
    office.rows["crm/BankAccounts"][1]["Modified"] = wire("2026-09-30T14:00:00")
    run = office.expanded(tmp_path, state)
    assert ids(run) == [guid(2)]
    again = office.expanded(tmp_path, run.state)
    assert office.query("crm/BankAccounts")["$filter"] == "Modified ge datetime'2026-09-30T12:00:00'"
    assert ids(again) == []


def test_a_changed_account_is_told_once_with_its_own_new_version(tmp_path: Path) -> None:
    """When the account and its contact changed, there is one record, of the account as its feed shows it."""
    office = Office()
    state = office.expanded(tmp_path).state
    office.change("sync/CRM/Contacts", 10_002)
    office.change("sync/CRM/Accounts", 2, City="Breda")
    (record,) = office.expanded(tmp_path, state).of(STREAM)
    assert (record["City"], record["Timestamp"]) == ("Breda", office.timestamp)


def test_100_changed_accounts_are_joined_by_forties(tmp_path: Path) -> None:
    """What belongs to some accounts is read for forty of them at a time."""
    office = Office(1500)
    state = office.expanded(tmp_path).state
    for number in range(1, 101):
        office.change("sync/CRM/Accounts", number, City="Breda")
    run = office.expanded(tmp_path, state)
    assert len(ids(run)) == 100
    assert all(record["main_contact"] and len(record["addresses"]) == 2 for record in run.of(STREAM))
    joined = office.resources[len(EVERY_RUN) + 1 :]
    some = ["bulk/CRM/Contacts"] * 3 + ["bulk/CRM/Addresses"] * 3 + ["crm/BankAccounts"] * 3
    assert joined == [*some, *LISTS]


def test_many_changed_accounts_are_joined_with_all_there_is(tmp_path: Path) -> None:
    """When hundreds changed, reading everything that belongs to accounts costs fewer calls."""
    office = Office(1500)
    state = office.expanded(tmp_path).state
    for number in range(1, 301):
        office.change("sync/CRM/Accounts", number, City="Breda")
    run = office.expanded(tmp_path, state)
    assert len(ids(run)) == 300
    assert all(record["main_contact"] for record in run.of(STREAM))
    assert "bulk/CRM/Contacts" not in office.resources
    assert len(office.resources) < 20


def test_many_touched_accounts_are_joined_with_all_there_is(tmp_path: Path) -> None:
    """A change of hundreds of contacts does not cost calls for each forty accounts and kind."""
    office = Office(400)
    state = office.expanded(tmp_path).state
    for number in range(1, 401):
        office.change("sync/CRM/Contacts", 10_000 + number, Phone="020")
    assert len(ids(office.expanded(tmp_path, state))) == 400
    assert office.resources.count("bulk/CRM/Accounts") == 10
    assert "bulk/CRM/Contacts" not in office.resources


def test_a_part_without_right_is_named_or_skipped(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """When a list may not be read the message says which part to leave out; with skip_forbidden it is null."""
    office = Office()
    office.refused["crm/AccountClassifications"] = refused(403, "Forbidden")
    with pytest.raises(Forbidden, match="Deselect what expanded_accounts takes from crm/AccountClassifications"):
        office.expanded(tmp_path)
    run = office.expanded(tmp_path, skip_forbidden=True)
    assert [record["classifications"] for record in run.of(STREAM)] == [[], [], []]
    assert office.resources.count("crm/AccountClassifications") == 1
    assert "It is skipped" in caplog.text


def test_a_deleted_account_is_told(tmp_path: Path) -> None:
    """The record of an account that is gone has its key and the time, and nothing belongs to it."""
    office = Office()
    state = office.expanded(tmp_path).state
    gone = {"ID": guid(990), "Timestamp": "500", "EntityKey": guid(2), "EntityType": 2}
    office.rows["sync/Deleted"] = [{**gone, "DeletedDate": wire("2026-09-28T10:00:00")}]
    office.rows["sync/CRM/Accounts"].pop(1)
    (record,) = office.expanded(tmp_path, state).of(STREAM)
    assert (record["ID"], record["_sdc_deleted_at"]) == (guid(2), "2026-09-28T08:00:00.000Z")
    assert record["main_contact"] is None
    assert record["addresses"] is None


def with_open(state: Row, *keys: Any) -> Row:
    state["bookmarks"][STREAM]["open"] = list(keys)
    return state


def test_open_keys_are_read_again(tmp_path: Path) -> None:
    """What a target could not settle comes again, once, beside what is new, and the bookmark stays where it is."""
    office = Office(100)
    state = with_open(office.expanded(tmp_path).state, *(guid(number) for number in range(1, 51)))
    office.change("sync/CRM/Accounts", 50, City="Breda")
    run = office.expanded(tmp_path, state)
    assert sorted(ids(run)) == [guid(number) for number in range(1, 51)]
    assert run.bookmark(STREAM)["replication_key_value"] == office.timestamp
    assert office.resources.count("bulk/CRM/Accounts") == 2
    assert run.state["bookmarks"][STREAM]["open"] == [guid(number) for number in range(1, 51)]


def test_an_open_key_that_is_gone_is_told_as_deleted(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """An account that is shown no more does not stay open for ever: its record says that it is gone."""
    office = Office()
    state = with_open(office.expanded(tmp_path).state, guid(77), guid(1))
    run = office.expanded(tmp_path, state)
    told = {record["ID"]: record["_sdc_deleted_at"] for record in run.of(STREAM)}
    assert told[guid(1)] is None
    assert told[guid(77)]
    assert f"Account {guid(77)} was asked for" in caplog.text


def test_an_open_key_is_sought_in_every_administration(tmp_path: Path) -> None:
    """Ids do not tell whose they are, so each administration is asked for those not found before."""
    office = Office()
    office.rows["system/Divisions"].append({"Code": 2222222, "DivisionMoveDate": None})
    elsewhere = Office.account(8, 8)
    for resource in ("sync/CRM/Accounts", "bulk/CRM/Accounts"):
        office.rows[f"{resource}@2222222"] = [elsewhere]
    state = with_open(office.expanded(tmp_path, divisions=[2222222]).state, guid(1), guid(8))
    run = office.expanded(tmp_path, state, divisions=[2222222])
    told = {record["ID"]: (record["Division"], record["_sdc_deleted_at"]) for record in run.of(STREAM)}
    assert told == {guid(1): (1234567, None), guid(8): (2222222, None)}


@pytest.mark.parametrize("key", ["12", None, "not a guid"])
def test_an_open_key_that_is_none_is_named(tmp_path: Path, key: Any) -> None:
    """A state with something else than ids of accounts stops the run and says where."""
    office = Office()
    with pytest.raises(StopRun, match=r"under bookmarks\.expanded_accounts\.open"):
        office.expanded(tmp_path, with_open(office.expanded(tmp_path).state, key))


def test_an_interrupted_first_run_goes_on(tmp_path: Path) -> None:
    """After a signal the next run takes up the accounts at the last whole page, with all that belongs to them."""
    office = Office(10, page=4)
    cut = office.expanded(tmp_path, after=signal_at(6, signum=2))
    assert cut.exit_code == 128 + 2
    rest = office.expanded(tmp_path, cut.state)
    assert {*ids(cut), *ids(rest)} == {guid(number) for number in range(1, 11)}
    assert len(ids(rest)) == 6
    assert all(record["main_contact"] for record in rest.of(STREAM))


def test_a_move_reads_everything_anew(tmp_path: Path) -> None:
    """The rowversions of contacts and addresses are new after a move, too."""
    office = Office()
    state = office.expanded(tmp_path).state
    office.rows["system/Divisions"][0]["DivisionMoveDate"] = wire("2026-09-29")
    run = office.expanded(tmp_path, state)
    assert len(ids(run)) == 3
    assert office.query("sync/CRM/Contacts")["$filter"] == "Timestamp gt 1"
    assert office.expanded(tmp_path, run.state).of(STREAM) == []


def test_at_the_sandbox(sandbox: Sandbox, tmp_path: Path) -> None:
    """Against the sandbox: every account with its address, then nothing, in six calls and without a refusal."""
    client = client_of(sandbox, tmp_path)
    book_everything(client, sandbox)
    main = next(client.read("bulk/CRM/Contacts", select=("ID", "Account"), where="Account ne guid'" + guid(0) + "'"))
    sandbox.put_row("exact_online", "Accounts", {"ID": main["Account"], "MainContact": main["ID"]})
    sandbox.clear_calls()
    first = Run(sandbox_settings(sandbox, tmp_path), [STREAM])
    assert len(ids(first)) == len(sandbox.state("exact_online")["Accounts"])
    invoiced = next(record for record in first.of(STREAM) if record["ID"] == customers(client)[0]["ID"])
    assert (invoiced["main_contact"]["LastName"], invoiced["bank_accounts"][0]["Main"]) == ("Bos", True)
    sandbox.clear_calls()
    assert Run(sandbox_settings(sandbox, tmp_path), [STREAM], first.state).of(STREAM) == []
    assert paths(sandbox) == [*EVERY_RUN, "sync/CRM/Accounts"]
    assert {call["status"] for call in sandbox.calls("exact_online")} == {200}
