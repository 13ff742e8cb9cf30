"""Zone, versions, sign-in, lock-out and the limits of the Autotask half."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
import requests

from tests.sandbox.autotask_calls import ALL, call, refused

if TYPE_CHECKING:
    from tests.conftest import Sandbox


def test_zone_is_told_without_signing_in(sandbox: Sandbox) -> None:
    """The zone of a known user is this sandbox, its URL ending where the version is appended."""
    answer = requests.get(
        f"{sandbox.url}/atservicesrest/v1.0/ZONEINFORMATION", params={"user": "api@demo-msp.example"}, timeout=5
    )
    assert answer.json() == {
        "zoneName": "Sandbox",
        "url": f"{sandbox.url}/ATServicesRest/",
        "webUrl": f"{sandbox.url}/",
        "ci": 123456,
    }


@pytest.mark.parametrize("query", ["", "?user=", "?user=nobody@example.com"])
def test_zone_of_an_unknown_user(sandbox: Sandbox, query: str) -> None:
    """An unknown or blank user is a 500 with the text that users report."""
    answer = requests.get(f"{sandbox.url}/ATServicesRest/V1.0/zoneInformation{query}", timeout=5)
    assert refused(answer) == ["Zone information could not be determined"]


def test_versions_are_told_without_signing_in(sandbox: Sandbox) -> None:
    """The versions stand outside V1.0 and need no credentials."""
    answer = requests.get(f"{sandbox.url}/ATServicesRest/VersionInformation", timeout=5)
    assert answer.json() == {"apiVersions": ["1.0"]}


def test_bad_integration_code(sandbox: Sandbox) -> None:
    """A wrong tracking identifier is a 500, unlike a wrong user."""
    answer = call(sandbox, "GET", "Companies/0", headers={"ApiIntegrationCode": "X"})
    assert refused(answer) == ["IntegrationCode is invalid."]


@pytest.mark.parametrize("header", ["UserName", "Secret"])
def test_bad_user_or_secret(sandbox: Sandbox, header: str) -> None:
    """A wrong user or secret is a 401."""
    assert refused(call(sandbox, "GET", "Companies/0", headers={header: "x"}), 401) == ["Authentication failed"]


def test_body_of_a_401_is_a_switch(sandbox: Sandbox) -> None:
    """Nobody recorded the body of a 401, so it can be empty too."""
    sandbox.reset(autotask={"unauthorized_body": "empty"})
    assert call(sandbox, "GET", "Companies/0", headers={"Secret": "x"}).content == b""


def test_header_names_in_any_case(sandbox: Sandbox) -> None:
    """Clients spell the header names in several ways."""
    shouted = {name.upper(): value for name, value in sandbox.autotask_headers.items()}
    answer = requests.get(f"{sandbox.url}/ATServicesRest/V1.0/Companies/0", headers=shouted, timeout=5)
    assert answer.status_code == 200


def test_failures_lock_the_user(sandbox: Sandbox) -> None:
    """After N failed sign-ins in a row the right secret fails too; a success in between starts the count anew."""
    sandbox.reset(autotask={"lock_out": 3})
    wrong = {"Secret": "x"}
    statuses = [
        call(sandbox, "GET", "Companies/0", headers=headers).status_code
        for headers in (wrong, wrong, None, wrong, wrong, None, wrong, wrong, wrong, None)
    ]
    assert statuses == [401, 401, 200, 401, 401, 200, 401, 401, 401, 401]


def test_forbidden_entity(sandbox: Sandbox) -> None:
    """An entity that the security level forbids is a 500, not a 401 or 403."""
    sandbox.reset(autotask={"forbidden": ["Invoices"]})
    assert refused(call(sandbox, "POST", "Invoices/query", ALL)) == [
        "The logged in Resource does not have the adequate permissions to query this entity type."
    ]
    assert call(sandbox, "POST", "BillingItems/query", ALL).status_code == 200


@pytest.mark.parametrize(("levels", "told"), [("names", ["None", "Restricted"]), ("numbers", [0, 2])])
def test_metadata_tells_what_the_user_may_do(sandbox: Sandbox, levels: str, told: list[str] | list[int]) -> None:
    """What the security level forbids or narrows stands in the entity's information, as a name or a number."""
    switches = {"access_levels": levels, "forbidden_metadata": "told"}
    sandbox.reset(autotask={"forbidden": ["Invoices"], "restricted": ["Companies"], **switches})
    answers = [call(sandbox, "GET", f"{name}/entityInformation").json()["info"] for name in ("Invoices", "Companies")]
    assert [answer["userAccessForQuery"] for answer in answers] == told


def test_more_than_three_at_once(sandbox: Sandbox) -> None:
    """Of five simultaneous requests to one entity two are refused, and another entity is not concerned."""
    sandbox.reset(autotask={"latency": 0.6})
    with ThreadPoolExecutor(6) as pool:
        same = [pool.submit(call, sandbox, "GET", "Companies/0") for _ in range(5)]
        other = pool.submit(call, sandbox, "GET", "Currencies/1")
        answers = [future.result() for future in same]
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 429, 429]
    refusal = next(answer for answer in answers if answer.status_code == 429)
    assert refused(refusal, 429) == ["The Autotask API thread threshold of 3 threads has been exceeded."]
    assert other.result().status_code == 200


def test_threshold_counts_every_call_of_the_hour(sandbox: Sandbox) -> None:
    """The call that asks counts itself, other integrations count too, and an hour later all is forgotten."""
    sandbox.reset(autotask={"threshold_used": 40})
    call(sandbox, "GET", "Companies/0")
    expected = {"externalRequestThreshold": 10000, "requestThresholdTimeframe": 60, "currentTimeframeRequestCount": 42}
    assert call(sandbox, "GET", "ThresholdInformation").json() == expected
    sandbox.clock(seconds=3601)
    assert call(sandbox, "GET", "ThresholdInformation").json()["currentTimeframeRequestCount"] == 41


def test_above_the_threshold(sandbox: Sandbox) -> None:
    """Above the threshold requests are refused until the hour has room again."""
    sandbox.reset(autotask={"threshold": 2})
    statuses = [call(sandbox, "GET", "Companies/0").status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    sandbox.clock(seconds=3600)
    assert call(sandbox, "GET", "Companies/0").status_code == 200


def test_requests_slow_down_as_the_hour_fills(sandbox: Sandbox) -> None:
    """With progressive delay a request takes half a second more from half the threshold, scaled with time."""
    sandbox.reset(time_scale=10, autotask={"threshold": 100, "threshold_used": 60, "progressive_delay": True})
    assert call(sandbox, "GET", "Companies/0").elapsed.total_seconds() >= 0.05


def test_modules_and_version(sandbox: Sandbox) -> None:
    """Modules are keys with a switch; the version is four texts."""
    assert {"key": 1, "value": True} in call(sandbox, "GET", "Modules").json()["modules"]
    assert set(call(sandbox, "GET", "Version").json()) == {"majorVersion", "minorVersion", "build", "customerType"}


@pytest.mark.parametrize("path", ["Nothing/1", "Companies/0/Nothing", "Companies/query/count/more", "Companies/abc"])
def test_unknown_route(sandbox: Sandbox, path: str) -> None:
    """A path that nothing listens to is the web server's page, not JSON."""
    answer = call(sandbox, "GET", path)
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert "404 - File or directory not found." in answer.text


@pytest.mark.parametrize(
    ("method", "path"), [("PATCH", "Companies/0"), ("POST", "Invoices"), ("PATCH", "Contacts"), ("GET", "Companies")]
)
def test_wrong_verb(sandbox: Sandbox, method: str, path: str) -> None:
    """A known path with a verb it does not know is a 405 with a message."""
    answer = call(sandbox, method, path, {"id": 0})
    assert answer.status_code == 405
    assert answer.json() == {"Message": f"The requested resource does not support http method '{method}'."}


def test_long_urls_are_not_found(sandbox: Sandbox) -> None:
    """A GET whose URL is longer than the web server takes is its 404 page; a POST of the same filter works."""
    values = list(range(1500, 2000))
    search = {"filter": [{"op": "in", "field": "id", "value": values}]}
    answer = requests.get(
        f"{sandbox.url}/ATServicesRest/V1.0/Invoices/query",
        params={"search": str(search).replace("'", '"')},
        headers=sandbox.autotask_headers,
        timeout=5,
    )
    assert answer.status_code == 404
    assert call(sandbox, "POST", "Invoices/query", search).status_code == 200
