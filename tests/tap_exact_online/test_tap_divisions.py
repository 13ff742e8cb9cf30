from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.exact_online.catalogue import resources
from tap_exact_online.divisions import Divisions, zone_of
from tap_exact_online.endpoints import find, known
from tap_exact_online.exceptions import StopRun
from tests.tap_exact_online.bookings import book_everything, client_of
from tests.tap_exact_online.fake import settings
from tests.tap_exact_online.running import Run, sandbox_settings
from tests.tap_exact_online.tables import Tables

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Sandbox


def divisions_of(folder: Path, tables: Tables, *codes: int) -> Divisions:
    return Divisions({**settings(folder), "divisions": codes, "skip_forbidden": False}, tables.connect)


@pytest.mark.parametrize(
    ("address", "zone"),
    [
        ("https://start.exactonline.nl", "Europe/Amsterdam"),
        ("https://start.exactonline.co.uk", "Europe/London"),
        ("https://start.exactonline.fr/", "Europe/Paris"),
        ("https://start.exactonline.com", "Europe/Amsterdam"),
        ("http://127.0.0.1:8765", "Europe/Amsterdam"),
    ],
)
def test_the_clock_hangs_in_the_country_of_the_address(address: str, zone: str) -> None:
    """Each country has its own address, and the time on the wall is that of the country."""
    assert zone_of({"api_url": address}).key == zone


def test_the_zone_can_be_set() -> None:
    """A setting goes before the address, and one that does not exist is named."""
    assert zone_of({"api_url": "https://start.exactonline.nl", "time_zone": "Europe/Lisbon"}).key == "Europe/Lisbon"
    with pytest.raises(StopRun, match="no time zone 'Amsterdam': set `time_zone`"):
        zone_of({"api_url": "https://start.exactonline.nl", "time_zone": "Amsterdam"})


def test_each_division_has_one_client(tmp_path: Path) -> None:
    """Limits and tokens are kept by the client, so there is one of each administration."""
    divisions = divisions_of(tmp_path, Tables(), 2, 2, 1234567)
    assert divisions.codes == [1234567, 2]
    assert divisions.client(2) is divisions.client(2)
    assert divisions.client(2).division == 2


def test_an_accountant_reads_only_the_divisions_asked_for(tmp_path: Path) -> None:
    """Of hundreds of administrations only those of the settings are asked for."""
    tables = Tables()
    divisions = divisions_of(tmp_path, tables, 2)
    divisions.moved(1234567)
    assert tables.query("system/Divisions")["$filter"] == "Code eq 1234567 or Code eq 2"


def test_the_sandbox_refuses_no_call(sandbox: Sandbox, tmp_path: Path) -> None:
    """Of every endpoint that is simulated, the tap sends what is mandatory and nothing that is forbidden."""
    book_everything(client_of(sandbox, tmp_path), sandbox)
    spelled = {resource.lower(): resource for resource in known()}
    readable = [spelled[path] for path, each in resources().items() if "GET" in each.methods and path in spelled]
    extra = [resource for resource in readable if not resource.startswith("read/")]
    config = sandbox_settings(sandbox, tmp_path, extra_endpoints=extra, skip_forbidden=True)
    sandbox.reset(exact_online={"limits": False})
    tap = Run(config, []).tap
    simulated = {find(resource).resource for resource in readable}
    streams = [name for name, each in tap.streams.items() if each.endpoint.resource in simulated]  # type: ignore[attr-defined]
    state = Run(config, streams).state
    Run(config, streams, state)
    refused = [call for call in sandbox.calls("exact_online") if call["status"] != 200]
    assert len(streams) > len(extra) * 0.8
    assert refused == []
