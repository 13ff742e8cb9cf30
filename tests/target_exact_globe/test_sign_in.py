"""NTLM and company: one clear message each, one try a run."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import pytest

from target_exact_globe.client import Client
from tests.target_exact_globe.papers import invoice

if TYPE_CHECKING:
    from tests.target_exact_globe.papers import Office

CASES: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({}, {"password": "wrong"}, "Windows does not let DEMO\\svc-autotask in"),
    ({}, {"username": "DEMO\\nobody"}, "Windows does not let DEMO\\nobody in"),
    ({}, {"username": "DEMO\\visitor"}, "Exact Globe does not let DEMO\\visitor into company 100 on SANDBOX\\EXACT"),
    ({}, {"company": "999"}, "Exact Globe does not let DEMO\\svc-autotask into company 999 on SANDBOX\\EXACT"),
    ({}, {"sql_server": "OTHER"}, "into company 100 on OTHER"),
    ({"workstation_known": False}, {}, "Exact Globe does not know the machine its services run on"),
    ({"forbidden": ["VAT"]}, {}, "Exact Globe did not let VAT be read"),
    ({"memory_leak_after": 3}, {}, "Exact Globe's services can do no more work"),
    ({}, {"services_url": None}, "The setting services_url is not set"),
]


@pytest.mark.parametrize(("options", "settings", "said"), CASES, ids=[said[-40:] for _, _, said in CASES])
def test_who_is_not_let_in_is_told_once(
    office: Office, caplog: pytest.LogCaptureFixture, options: dict[str, Any], settings: dict[str, Any], said: str
) -> None:
    """Whatever keeps the target out stops the run with one message, and the documents stay as they were."""
    office.reset(**options)
    assert office.run(*(invoice(serial) for serial in range(1, 6)), **settings) == 1
    assert [record.message for record in caplog.records if said in record.message][:1]
    assert len([record for record in caplog.records if record.message.startswith("Stopped: ")]) == 1
    assert office.references() == []
    assert office.staged() == []
    assert "wrong" not in caplog.text.replace("wrong password", "")


def test_a_wrong_password_is_tried_once_a_run(office: Office) -> None:
    """Five invoices with a wrong password cost one sign-in, so that no account is locked by retrying."""
    office.sandbox.clear_calls()
    office.run(*(invoice(serial) for serial in range(1, 6)), password="wrong")
    assert len(office.sandbox.calls("exact_globe")) <= 3
    assert {call["status"] for call in office.sandbox.calls("exact_globe")} == {401}


def test_no_service_there(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    """An address at which nothing listens is told as such."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    assert office.run(invoice(), services_url=f"http://127.0.0.1:{port}/Services") == 1
    assert "do not answer. Check services_url and the firewall" in caplog.text


@pytest.mark.parametrize("path", ["SalesOrderHeader", "Account", "SalesOrderLine"])
def test_a_service_that_stops_answering(office: Office, caplog: pytest.LogCaptureFixture, path: str) -> None:
    """A service that hangs ends the run with one message after one wait; a rerun brings everything over, once."""
    office.sandbox.fault(system="exact_globe", path=path, kind="delay", seconds=3, times=2)
    documents = [invoice(serial) for serial in (1, 2)]
    assert office.run(*documents, timeout_seconds=1, doubt_seconds=0) == 1
    assert "did not answer within 1 seconds" in caplog.text
    office.sandbox.clear_faults()
    assert office.run(*documents, doubt_seconds=0) == 0
    assert office.references() == ["2026-0001", "2026-0002"]
    assert office.staged() == []


def test_a_password_in_the_address_is_not_shown(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    """User and password in the address are left out of it: they stand in no message."""
    address = office.settings["services_url"].replace("http://", "http://svc:geheim@")
    assert office.run(invoice(), services_url=address, password="wrong") == 1
    assert "Windows does not let" in caplog.text
    assert "geheim" not in caplog.text


def test_own_certificates_are_trusted_and_proxies_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """A firm's own authority comes from the environment; a proxy, which would break NTLM, does not."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/etc/own.pem")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy:3128")
    session = Client("https://globe/", "D\\u", "p", {"ServerName": "S", "DatabaseName": "1"}, 1)._session
    assert session.verify == "/etc/own.pem"
    settings = session.merge_environment_settings("https://globe/", {}, None, None, None)
    assert settings["proxies"] == {}
