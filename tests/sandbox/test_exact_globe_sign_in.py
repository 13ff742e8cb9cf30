"""NTLM, the company and the employee at the Exact Globe half."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest
import requests

from tests.sandbox.exact_globe_calls import Globe, refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import Sandbox

VAT = "/Services/Exact.Entity.REST.EG/VAT"


def _statuses(sandbox: Sandbox) -> list[int]:
    return [call["status"] for call in sandbox.calls("exact_globe")]


def test_handshake_signs_the_connection_in(sandbox: Sandbox, globe: Globe) -> None:
    """The first request takes three, the following ones of the same connection take one each."""
    globe.rows("VAT")
    globe.rows("VAT")
    globe.rows("Warehouse")
    assert _statuses(sandbox) == [401, 401, 200, 200, 200]


def test_another_connection_is_a_stranger(sandbox: Sandbox, globe: Globe) -> None:
    """What one connection signed in as is worth nothing on another."""
    globe.rows("VAT")
    answer = requests.get(sandbox.globe_url + VAT, headers=sandbox.globe_headers, timeout=20)
    assert (answer.status_code, answer.content) == (401, b"")


def test_both_schemes_are_offered(sandbox: Sandbox) -> None:
    """The services' policy allows Negotiate and NTLM."""
    answer = requests.get(sandbox.globe_url + VAT, timeout=20)
    assert answer.headers["www-authenticate"] == "NTLM, Negotiate"


def test_negotiate_takes_the_same_tokens(sandbox: Sandbox) -> None:
    """A bare NTLM token under Negotiate is answered with a challenge."""
    import spnego  # noqa: PLC0415

    token = spnego.client("DEMO\\svc-autotask", "sandbox-password", protocol="ntlm").step()
    assert token is not None
    header = {"Authorization": f"Negotiate {base64.b64encode(token).decode()}"}
    answer = requests.get(sandbox.globe_url + VAT, headers=header, timeout=20)
    assert answer.headers["www-authenticate"].startswith("Negotiate ")


def test_each_request_may_need_a_handshake(sandbox: Sandbox, globe: Globe) -> None:
    """By switch a handshake is good for one request, as with HttpListener's default."""
    sandbox.reset(exact_globe={"sign_in": "request"})
    globe.rows("VAT")
    globe.rows("VAT")
    assert _statuses(sandbox) == [401, 401, 200] * 2


@pytest.mark.parametrize(
    "credentials", [("DEMO\\svc-autotask", "wrong"), ("DEMO\\nobody", "sandbox-password"), ("X\\svc-autotask", "x")]
)
def test_wrong_credentials(sandbox: Sandbox, sign_in: Callable[..., Globe], credentials: tuple[str, str]) -> None:
    """Wrong user, domain or password: 401 after the handshake, without a body, and nothing done."""
    answer = sign_in(*credentials).send("POST", "Account", {"AccountCode": "1", "AccountName": "x"})
    assert (answer.status_code, answer.content) == (401, b"")
    assert _statuses(sandbox) == [401, 401, 401]


def test_user_without_domain(sign_in: Callable[..., Globe]) -> None:
    """A bare name is one of the server's own domain."""
    assert sign_in("svc-autotask", "sandbox-password").rows("VAT")


def test_lock_out(sandbox: Sandbox, sign_in: Callable[..., Globe]) -> None:
    """After so many wrong passwords in a row the right one is refused too, until a reset."""
    sandbox.reset(exact_globe={"lock_out": 2})
    for _ in range(2):
        assert sign_in("DEMO\\svc-autotask", "wrong").send("GET", "VAT").status_code == 401
    assert sign_in().send("GET", "VAT").status_code == 401
    sandbox.reset()
    assert sign_in().send("GET", "VAT").status_code == 200


def test_answer_without_a_challenge(sandbox: Sandbox, sign_in: Callable[..., Globe]) -> None:
    """The last message of a handshake is worth nothing on a connection that was not challenged, and locks nobody."""
    sandbox.reset(exact_globe={"lock_out": 1})
    last = sign_in().send("GET", "VAT").request.headers["Authorization"]
    answer = requests.get(sandbox.globe_url + VAT, headers={"Authorization": last}, timeout=20)
    assert answer.status_code == 401
    assert sign_in().rows("VAT")


@pytest.mark.parametrize("token", [b"", b"NTLMSSP\x00", b"NTLMSSP\x00\x03\x00\x00\x00" + b"\xff" * 80, b"\x60\x48junk"])
def test_junk_is_no_sign_in(sandbox: Sandbox, token: bytes) -> None:
    """A token that is none is a 401, as if there was none."""
    header = {"Authorization": f"NTLM {base64.b64encode(token).decode()}"}
    assert requests.get(sandbox.globe_url + VAT, headers=header, timeout=20).status_code == 401


@pytest.mark.parametrize(
    "headers",
    [{"DatabaseName": "999"}, {"ServerName": "ELSEWHERE"}, {"DatabaseName": ""}, {"ServerName": ""}],
)
def test_unknown_company(globe: Globe, headers: dict[str, str]) -> None:
    """The company is what the headers ServerName and DatabaseName say; another one cannot be logged in to."""
    status, text = refusal(globe.send("GET", "VAT", headers=headers))
    (name,) = headers
    assert status == 500
    assert text.startswith("Failed to login to Globe")
    assert name in text


def test_no_employee(sign_in: Callable[..., Globe]) -> None:
    """Whom Windows knows but Globe does not is let in by NTLM and refused by Globe."""
    status, text = refusal(sign_in("DEMO\\visitor", "sandbox-password").send("GET", "VAT"))
    assert (status, "Failed to login to Globe" in text, "visitor" in text) == (500, True, True)


def test_employee_who_left(sandbox: Sandbox, globe: Globe) -> None:
    """Only an active employee may call."""
    sandbox.put_row("exact_globe", "Resource", {"ID": 1, "Status": "I"})
    assert "Failed to login to Globe" in refusal(globe.send("GET", "VAT"))[1]


def test_unknown_workstation(sandbox: Sandbox, globe: Globe) -> None:
    """A machine that is not registered in Globe is refused with the name of a field."""
    sandbox.reset(exact_globe={"workstation_known": False})
    assert "MacAddress2" in refusal(globe.send("GET", "VAT"))[1]


def test_no_rights(sandbox: Sandbox, globe: Globe) -> None:
    """An entity that the employee has no rights for is refused, the others are not."""
    sandbox.reset(exact_globe={"forbidden": ["Account"]})
    assert refusal(globe.send("GET", "Account"))[0] == 500
    assert globe.rows("VAT")


def test_a_port_of_its_own(sandbox: Sandbox) -> None:
    """Globe answers on its port alone, and nothing else does there."""
    assert requests.get(sandbox.url + VAT, timeout=20).status_code == 404
    assert requests.get(f"{sandbox.globe_url}/_sandbox/calls", timeout=20).status_code == 401
    assert requests.get(f"{sandbox.url}/_sandbox/addresses", timeout=20).json() == {
        "autotask": sandbox.url,
        "exact_online": sandbox.url,
        "exact_globe": sandbox.globe_url,
    }


def test_faults_strike_after_the_sign_in(sandbox: Sandbox, globe: Globe) -> None:
    """The first request that a fault may count is the one that does something."""
    sandbox.fault(kind="error", system="exact_globe", status=503)
    assert globe.send("GET", "VAT").status_code == 503
    assert _statuses(sandbox) == [401, 401, 503]


def test_service_that_stops_answering(sandbox: Sandbox, globe: Globe) -> None:
    """A service that hangs leaves the client waiting until it gives up, and does nothing."""
    globe.rows("VAT")
    sandbox.fault(kind="delay", system="exact_globe", seconds=1)
    with pytest.raises(requests.ReadTimeout):
        globe.session.get(f"{globe.root}/VAT", timeout=0.1)
    sandbox.clear_faults()
    assert globe.rows("VAT")


@pytest.mark.parametrize("kind", ["drop", "drop_after_commit"])
def test_dropped_connection(sandbox: Sandbox, globe: Globe, kind: str) -> None:
    """A connection that breaks has to sign in anew; whether the work was done is the fault's kind."""
    globe.rows("VAT")
    sandbox.fault(kind=kind, system="exact_globe", method="POST")
    with pytest.raises(requests.ConnectionError):
        globe.send("POST", "SalesOrderLine", {"Itemcode": "ARBEID", "Quantity": 1})
    assert len(globe.table("EntityTransactions")) == (kind == "drop_after_commit")
    sandbox.clear_calls()
    globe.rows("VAT")
    assert _statuses(sandbox) == [401, 401, 200]


def test_memory_leak(sandbox: Sandbox, globe: Globe) -> None:
    """After so many requests no instance can be created any more, whatever is asked, until the service is restarted."""
    sandbox.reset(exact_globe={"memory_leak_after": 2})
    statuses = [globe.send("GET", "VAT").status_code for _ in range(4)]
    assert statuses == [200, 200, 500, 500]
    sandbox.reset()
    assert globe.rows("VAT")
