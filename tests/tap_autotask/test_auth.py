from __future__ import annotations

from typing import Any

import pytest
import requests

from tap_autotask.auth import Credentials, ZoneAuth, base_url, origin, read_zone
from tap_autotask.exceptions import StopRun
from tests.tap_autotask.fake import WHO, ZONE


def prepared(url: str) -> requests.PreparedRequest:
    return requests.Request("GET", url, auth=ZoneAuth(WHO, read_zone(ZONE))).prepare()


def test_the_zone_is_where_zone_information_says() -> None:
    """The base of all calls carries the version, and the tenant is the id of the customer database."""
    zone = read_zone(ZONE)
    assert zone.url == "https://webservices19.autotask.net/ATServicesRest/V1.0/"
    assert (zone.web_url, zone.tenant) == ("https://ww19.autotask.net/", "123456")


def test_a_pinned_zone_goes_before_the_discovered_one() -> None:
    """With zone_url the calls go there, while the tenant still comes from zone information."""
    zone = read_zone(ZONE, "https://webservices24.autotask.net/atservicesrest/v1.0")
    assert zone.url == "https://webservices24.autotask.net/atservicesrest/V1.0/"
    assert zone.tenant == "123456"


@pytest.mark.parametrize("answer", [None, [], {}, ZONE | {"url": None}, ZONE | {"ci": "x"}, ZONE | {"webUrl": 1}])
def test_something_else_than_a_zone_stops_the_run(answer: Any) -> None:
    """An answer without url, webUrl and ci is no zone, and the message names the setting to check."""
    with pytest.raises(StopRun, match="api_url"):
        read_zone(answer)


@pytest.mark.parametrize(
    "url",
    [
        "http://webservices19.autotask.net/ATServicesRest/",
        "ftp://webservices19.autotask.net/",
        "https://me:pass-word@webservices19.autotask.net/",
        "https:///ATServicesRest",
        "webservices19.autotask.net",
    ],
)
def test_credentials_travel_encrypted_or_stay_at_home(url: str) -> None:
    """Only https:// is good, but for this machine, and a password in an address is neither taken nor repeated."""
    with pytest.raises(StopRun, match="https://") as stop:
        base_url("setting zone_url", url)
    assert "zone_url" in str(stop.value)
    assert "pass-word" not in str(stop.value)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
def test_this_machine_may_be_reached_without_encryption(host: str) -> None:
    """The sandbox is reached over plain HTTP."""
    assert base_url("setting api_url", f"http://{host}:8765/ATServicesRest/") == (
        f"http://{host}:8765/ATServicesRest/V1.0/"
    )


def test_credentials_go_to_the_zone() -> None:
    """All three headers are sent to the discovered origin."""
    headers = prepared("https://webservices19.autotask.net:443/ATServicesRest/V1.0/Version").headers
    assert (headers["UserName"], headers["Secret"]) == ("api@demo-msp.example", "very-secret")
    assert headers["ApiIntegrationCode"] == "TRACKINGCODE"


@pytest.mark.parametrize(
    "url",
    [
        "https://webservices19.autotask.net.evil.example/V1.0/Version",
        "https://webservices19.autotask.net:8443/V1.0/Version",
        "http://webservices19.autotask.net/V1.0/Version",
        "https://webservices2.autotask.net/V1.0/Version",
    ],
)
def test_credentials_go_nowhere_else(url: str) -> None:
    """Another host, port or scheme does not get them."""
    with pytest.raises(StopRun, match="nothing was sent"):
        prepared(url)


@pytest.mark.parametrize(
    "secret", ["", " ", "hush-hush\n", " hush-hush", "hush\0hush", "hush\r\nX-Evil: hush", "\thush"]
)
def test_a_secret_that_cannot_be_sent_is_named_by_its_setting_only(secret: str) -> None:
    """A line break that came along when a secret was pasted is told, without the secret."""
    with pytest.raises(StopRun) as stop:
        Credentials("user", secret, "code")
    assert "setting secret" in str(stop.value)
    assert "hush" not in str(stop.value)


def test_credentials_do_not_show() -> None:
    """Neither a repr nor a text that went through `redact` holds a secret value."""
    shown = repr(WHO) + WHO.redact("Secret very-secret of TRACKINGCODE")
    assert "very-secret" not in shown
    assert "TRACKINGCODE" not in shown


def test_secrets_beyond_latin_1_travel_as_utf_8() -> None:
    """A euro sign in a secret reaches the server."""
    value = Credentials("user", "€uro", "code").headers()["Secret"]
    assert value.encode("latin-1") == "€uro".encode()


def test_origin_knows_default_ports() -> None:
    """With and without its default port an address is the same."""
    assert origin("https://x.example/a") == origin("https://x.example:443/b") != origin("https://x.example:444/")
