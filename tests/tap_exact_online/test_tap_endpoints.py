from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from singer_sdk.exceptions import ConfigValidationError

from tap_exact_online.columns import KINDS
from tap_exact_online.discovery import STREAMS, stream
from tap_exact_online.endpoints import Endpoint, find, known
from tap_exact_online.feeds import FeedStream
from tap_exact_online.streams import ExactStream, ModifiedStream
from tap_exact_online.tap import TapExactOnline
from tests.tap_exact_online.fake import Time, client_of

if TYPE_CHECKING:
    from pathlib import Path

SETTINGS = {"division": 1, "client_id": "c", "client_secret": "s"}
READABLE = [each for each in known().values() if "GET" in each.methods and each.columns]


def test_every_documented_endpoint_is_known() -> None:
    """All 439 endpoints are in the catalogue, each column of a kind that can be read, each key among the columns."""
    assert len(known()) == 439
    assert {kind for each in known().values() for kind in each.columns.values()} == set(KINDS)
    assert all(set(each.key) <= set(each.columns) for each in known().values())


def test_every_readable_endpoint_can_be_named() -> None:
    """Each endpoint is found by its resource, in whatever capitals, and each makes a stream with a name of its own."""
    assert [find(each.resource.swapcase()) for each in READABLE] == READABLE
    names = [each.stream for each in READABLE]
    assert len(set(names)) == len(names)
    assert not set(names) & set(STREAMS)


def test_every_readable_endpoint_becomes_a_stream() -> None:
    """The setting takes them all at once, and those that are streams already stay under their short names."""
    names = [each.resource for each in READABLE]
    tap = TapExactOnline(config={**SETTINGS, "extra_endpoints": names}, setup_mapper=False)
    made = {each.endpoint.resource for each in tap.streams.values() if isinstance(each, ExactStream)}
    assert made == set(names)
    assert len(tap.streams) == len(names) + 2  # and expanded_accounts and invoice_payments
    assert all(len(set(each.primary_keys)) == len(each.primary_keys) for each in tap.streams.values())


@pytest.mark.parametrize(
    ("resource", "name"),
    [
        ("crm/Opportunities", "crm_opportunities"),
        ("bulk/CRM/Accounts", "bulk_crm_accounts"),
        ("beta/{division}/payroll/PayrollComponents", "beta_payroll_payroll_components"),
        ("financial/GLSchemes", "financial_glschemes"),
        ("openingbalance/CurrentYear/AfterEntry", "openingbalance_current_year_after_entry"),
    ],
)
def test_streams_are_named_after_their_resource(resource: str, name: str) -> None:
    """The name is the resource in small letters, its words apart."""
    assert known()[resource].stream == name


@pytest.mark.parametrize("text", ["Opportunities", "opportunities", "crm/opportunities", " /crm/Opportunities/ "])
def test_the_last_part_is_enough_when_it_is_alone(text: str) -> None:
    """A name that only one endpoint has need not be written in full."""
    assert find(text).resource == "crm/Opportunities"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("crm/Oportunities", r"no endpoint 'crm/Oportunities'. Did you mean crm/Opportunities"),
        ("Oportunities", r"Did you mean crm/Opportunities"),
        ("Accounts", r"'Accounts' may be any of bulk/CRM/Accounts, crm/Accounts, sync/CRM/Accounts: name it in full"),
        ("salesinvoice/PrintedSalesInvoices", r"can be written only, not read"),
        ("users/UserHasRights", r"gives one value and no rows"),
        ("xyzzy", r"no endpoint 'xyzzy'\.$"),
    ],
)
def test_a_name_that_is_none_gets_a_hint(text: str, message: str) -> None:
    """The message names the value and what could be meant."""
    with pytest.raises(ValueError, match=message):
        find(text)
    with pytest.raises(ConfigValidationError, match="The setting extra_endpoints"):
        TapExactOnline(config={**SETTINGS, "extra_endpoints": [text]})


def test_a_function_cannot_be_read_in_two_ways() -> None:
    """One stream has one name, so a second set of parameters is refused and not forgotten."""
    function = "read/financial/AgingOverviewByAccount"
    with pytest.raises(ConfigValidationError, match="named twice"):
        TapExactOnline(config={**SETTINGS, "extra_endpoints": [f"{function}?accountId=1", f"{function}?accountId=2"]})


def test_an_endpoint_that_is_a_stream_already_stays_that() -> None:
    """Naming the resource of a stream adds nothing."""
    tap = TapExactOnline(config={**SETTINGS, "extra_endpoints": ["financial/Journals"]})
    assert "financial_journals" not in tap.streams
    assert "journals" in tap.streams


@pytest.mark.parametrize(
    ("resource", "kind"),
    [
        ("sync/CRM/Accounts", FeedStream),
        ("financial/Journals", ModifiedStream),
        ("bulk/Documents/Documents", ModifiedStream),
        ("bulk/Cashflow/Receivables", ExactStream),
        ("read/financial/ReceivablesList", ExactStream),
        ("system/Divisions", ExactStream),
    ],
)
def test_the_endpoint_decides_how_it_is_followed(resource: str, kind: type[ExactStream]) -> None:
    """Feeds by rowversion, what may be filtered on its date of change by that, the rest whole."""
    tap = TapExactOnline(config=SETTINGS, setup_mapper=False)
    assert type(stream(tap, "x", known()[resource])) is kind


def test_every_stream_has_an_endpoint_that_can_be_read() -> None:
    """The table of streams names readable endpoints, each once."""
    assert {known()[resource].resource for resource in STREAMS.values()} <= {each.resource for each in READABLE}
    assert len(set(STREAMS.values())) == len(STREAMS)


def test_feeds_are_read_by_the_key_of_their_rows() -> None:
    """Exact calls the rowversion the key of a feed; a row is known by its GUID, header or line."""
    feeds: list[Endpoint] = [each for each in READABLE if each.is_feed]
    assert len(feeds) == 56
    assert all(each.has_guid and "Timestamp" in each.columns for each in feeds)


@pytest.mark.parametrize(
    ("resource", "address"),
    [
        ("crm/Accounts", "/api/v1/1234567/crm/Accounts?$select=ID"),
        ("beta/{division}/payroll/PayrollComponents", "/api/v1/beta/1234567/payroll/PayrollComponents?$select=ID"),
        ("current/Me", "/api/v1/current/Me?$select=ID"),
        ("system/Users", "/api/v1/system/Users?$select=ID"),
        ("system/Divisions", "/api/v1/1234567/system/Divisions?$select=ID"),
        ("read/x/F?name='a b'&day=datetime'2026-01-01'", "/read/x/F?name='a%20b'&day=datetime'2026-01-01'&$select=ID"),
        ("read/x/F?name='a%20b'", "/read/x/F?name='a%20b'&$select=ID"),
    ],
)
def test_every_kind_of_endpoint_has_its_address(tmp_path: Path, resource: str, address: str) -> None:
    """The division stands where Exact wants it, if at all, and the parameters of a function before the query."""
    client, exact = client_of(tmp_path, Time(), lambda _: (200, {}, {"d": []}))
    assert list(client.read(resource, select=["ID"])) == []
    assert str(exact.seen[-1].url).endswith(address)
