from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from tests.transfer_ledger.receiver import EXACT, TENANT
from transfer_ledger import migrations
from transfer_ledger.exceptions import DocumentFailed
from transfer_ledger.ledger import Ledger
from transfer_ledger.links.store import ACCOUNTS, Link, LinkStore


def link(source: str, receiver: str, **values: Any) -> Link:
    """Return a confirmed link."""
    return Link(
        kind=ACCOUNTS, source_system="autotask", source_tenant=TENANT, source_id=source, receiver_id=receiver, **values
    )


@pytest.fixture
def store(ledger: Ledger) -> LinkStore:
    return LinkStore(ledger.engine, EXACT, ACCOUNTS, ledger.clock)


def states(store: LinkStore) -> dict[tuple[str, str], str]:
    """Return the links there are, by their ends."""
    return {(each.source_id, each.receiver_id): each.state for each in store.all()}


@pytest.mark.parametrize("second", [("1", "b"), ("2", "a")])
def test_a_second_link_of_either_end_is_refused_by_name(store: LinkStore, second: tuple[str, str]) -> None:
    """Neither a company nor an account is linked twice; who tries is told with whom it is, and nothing is written."""
    store.save([link("1", "a", source_name="Van Vliet", receiver_code="99001")])
    with pytest.raises(DocumentFailed) as refused:
        store.save([link("7", "z"), link(*second)])
    assert "company Van Vliet and account 99001 are linked already" in refused.value.message
    assert "transfers links end 1" in refused.value.advice
    assert states(store) == {("1", "a"): "confirmed"}


def test_a_decision_takes_the_proposals_of_both_ends_away(store: LinkStore) -> None:
    """Once a pair is linked, neither end is proposed to others, and no leave to create either is left."""
    proposed = [link("1", "b", state="proposed"), link("2", "a", state="proposed"), link("2", "b", state="proposed")]
    store.save([*proposed, link("", "a", state="new")])
    store.save([link("1", "a")])
    assert states(store) == {("1", "a"): "confirmed", ("2", "b"): "proposed"}


def test_several_accounts_may_be_new(store: LinkStore) -> None:
    """Leave to create a company for one account does not take that of another away."""
    for account in ("a", "b"):
        store.save([link("", account, state="new")])
    assert states(store) == {("", "a"): "new", ("", "b"): "new"}


def test_a_proposal_never_takes_the_place_of_a_decision(store: LinkStore) -> None:
    """A run that compared before a person decided leaves the decision as it is."""
    store.save([link("1", "a", base={"name": {}}), link("2", "b", state="refused")])
    store.propose("autotask", TENANT, [link(*pair, state="proposed") for pair in (("1", "a"), ("2", "b"), ("3", "c"))])
    assert states(store) == {("1", "a"): "confirmed", ("2", "b"): "refused", ("3", "c"): "proposed"}


def test_what_a_person_ended_is_not_brought_back(store: LinkStore) -> None:
    """A run that remembers what both sides agreed on does not revive a link that ended meanwhile."""
    store.save([link("1", "a")])
    store.save([link("1", "a", state="ended")])
    assert not store.agree(link("1", "a", base={"name": {}}))
    assert states(store) == {("1", "a"): "ended"}


def test_links_of_an_older_ledger_are_kept(url: str) -> None:
    """The links of a ledger of the first version are there after the migration, ready to be used."""
    engine, config = sa.create_engine(url), Config()
    with engine.begin() as connection:
        tables = sa.MetaData()
        tables.reflect(connection)
        tables.drop_all(connection)
        config.set_main_option("script_location", next(iter(migrations.__path__)))
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        columns = "source_tenant, source_id, receiver_id, receiver_code, state"
        known = f"'{TENANT}', '1', 'a', '99001', 'confirmed'"
        always = f"'{EXACT}', '{ACCOUNTS}', 'autotask', '[\"code\"]', '2026-10-01 00:00:00'"
        written = f"INSERT INTO links (administration, kind, source_system, reasons, updated_at, {columns}) "
        connection.exec_driver_sql(f"{written} VALUES ({always}, {known})")
    engine.dispose()
    ledger = Ledger.open(url)
    store = LinkStore(ledger.engine, EXACT, ACCOUNTS, ledger.clock)
    assert store.all() == [link("1", "a", receiver_code="99001", reasons=["code"])]
    assert store.agree(link("1", "a", base={"name": {}}))
    ledger.close()
