"""NTLM and company: one clear message each, one try a run."""

from __future__ import annotations

import re
import socket
import ssl
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from target_exact_globe.client import Client
from tests.target_exact_globe.papers import invoice

if TYPE_CHECKING:
    from pathlib import Path

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


@pytest.fixture
def own_certificate(tmp_path: Path) -> ssl.SSLContext:
    """Return a context with a certificate for localhost that signs itself."""
    key, signed = (str(tmp_path / name) for name in ("key.pem", "own.pem"))
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    subprocess.run([*command, "-keyout", key, "-out", signed], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(signed, key)
    return context


BROKEN = {
    "no challenge": "NTLM",
    "not one of NTLM": "NTLM AAAA",
    "cut off": "NTLM TlRMTVNTUAACAAAA",
    "unreadable": "NTLM ***",
}


@pytest.mark.parametrize("challenge", BROKEN.values(), ids=BROKEN)
def test_a_handshake_that_breaks_off(
    office: Office, caplog: pytest.LogCaptureFixture, httpserver: HTTPServer, challenge: str
) -> None:
    """Services that answer with no challenge, or none that can be read, end the run before a password is sent."""
    asked = []

    def answer(request: Request) -> Response:
        asked.append(request.headers.get("Authorization", ""))
        return Response(status=401, headers={"WWW-Authenticate": challenge if asked[-1] else "NTLM"})

    httpserver.expect_request(re.compile(".*")).respond_with_handler(answer)
    documents = [invoice(serial) for serial in (1, 2, 3)]
    assert office.run(*documents, services_url=httpserver.url_for("/Services")) == 1
    assert "break off the sign-in of DEMO\\svc-autotask: they answer with no NTLM challenge" in caplog.text
    assert asked == ["", asked[1]]
    assert office.run(*documents) == 0
    assert office.references() == ["2026-0001", "2026-0002", "2026-0003"]


@pytest.mark.parametrize("address", ["globe:8020/Services", "ftp://globe/Services", "http://globe server/"])
def test_what_is_no_address(office: Office, caplog: pytest.LogCaptureFixture, address: str) -> None:
    """A services_url that is no address is told as such, and nothing is in doubt."""
    assert office.run(invoice(), services_url=address) == 1
    assert "do not answer. Check services_url" in caplog.text
    assert "outcome unknown" not in caplog.text


def test_a_certificate_that_nobody_vouches_for(
    office: Office, caplog: pytest.LogCaptureFixture, own_certificate: ssl.SSLContext
) -> None:
    """A certificate of an authority that is not trusted is named as the reason, with the setting that trusts it."""
    with HTTPServer(ssl_context=own_certificate) as server:
        assert office.run(invoice(), services_url=f"https://localhost:{server.port}/Services") == 1
    assert "can be made: self-signed certificate. Let REQUESTS_CA_BUNDLE name" in caplog.text


@pytest.mark.parametrize("sign_in", ["connection", "request"])
@pytest.mark.parametrize("entity", ["SalesOrderLine", "SalesOrderHeader"])
def test_a_password_that_is_changed_in_the_run(
    office: Office, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, sign_in: str, entity: str
) -> None:
    """The first call that is not let in any more ends the run; with the new password, each order is there once."""
    office.reset(sign_in=sign_in)
    create, many = Client.create, [invoice(serial, lines=2) for serial in (1, 2, 3)]

    def changing(client: Client, name: str, body: dict[str, Any]) -> Any:
        if (name, len(office.references())) == (entity, 1):
            client._session.close()
            client._session.auth.password = "old"  # type: ignore[union-attr]
        return create(client, name, body)

    monkeypatch.setattr(Client, "create", changing)
    assert office.run(*many) == 1
    assert caplog.text.count("Stopped: Windows does not let DEMO\\svc-autotask in") == 1
    assert office.sandbox.calls("exact_globe")[-1]["status"] == 401
    assert len(office.references()) == 1
    monkeypatch.undo()
    assert office.run(*many, doubt_seconds=0) == 0
    assert office.references() == ["2026-0001", "2026-0002", "2026-0003"]
    assert office.staged() == []
