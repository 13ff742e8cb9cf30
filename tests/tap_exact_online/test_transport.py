from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING

import pytest
import requests
from werkzeug import Request, Response

from tap_exact_online.exceptions import SignInFailed, StopRun
from tap_exact_online.limits import ServerClock
from tap_exact_online.transport import NoAnswerError, NotSentError, Transport, origin_in, origin_of
from tests.tap_exact_online.fake import NOON, ORIGIN, Exact, Time

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytest_httpserver import HTTPServer


def transport(origin: str) -> Transport:
    return Transport(origin, ServerClock(lambda: NOON))


@pytest.fixture
def speaks() -> Iterator[tuple[str, list[bytes]]]:
    """Return the origin of a server that sends the given bytes to whoever comes, and closes."""
    listener = socket.create_server(("127.0.0.1", 0))
    says: list[bytes] = []

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(says[0])

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}", says
    thread.join(5)
    listener.close()


def test_nobody_listens() -> None:
    """A refused connection means that nothing was sent."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    there = transport(f"http://127.0.0.1:{port}")
    with pytest.raises(NotSentError):
        there.send("POST", f"{there.origin}/api/v1/x", "x")


@pytest.mark.parametrize(
    "bytes_sent",
    [
        pytest.param(b"", id="closed without an answer"),
        pytest.param(b"HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\n{", id="less than promised"),
        pytest.param(b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", id="cut in a chunk"),
        pytest.param(b"HTTP/1.1 201 Created\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nab", id="garbled"),
        pytest.param(b"\x00\x01 garbage", id="no HTTP"),
    ],
)
def test_an_answer_that_breaks_off(speaks: tuple[str, list[bytes]], bytes_sent: bytes) -> None:
    """Whatever is wrong after sending, the request may have arrived."""
    origin, says = speaks
    says.append(bytes_sent)
    with pytest.raises(NoAnswerError):
        transport(origin).send("POST", f"{origin}/api/v1/x", "x")


def test_answers_teach_the_clock() -> None:
    """The Date header of any answer is learned from, and the call is counted."""
    session = requests.Session()
    session.mount("https://", Exact(Time(ahead=3600), lambda _: (404, {}, b"")))
    there = Transport(ORIGIN, ServerClock(lambda: NOON), session)
    there.send("GET", f"{ORIGIN}/x", "crm/Accounts")
    assert abs(there.clock.now() - NOON - 3600) <= 1
    assert there.calls == {"GET crm/Accounts": 1}


def test_netrc_is_not_used(httpserver: HTTPServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords that lie about on the machine do not travel along, nor take the place of the token."""
    (tmp_path / "netrc").write_text("machine localhost login me password mine")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    seen: list[str | None] = []

    def handler(request: Request) -> Response:
        seen.append(request.headers.get("Authorization"))
        return Response()

    httpserver.expect_request("/x").respond_with_handler(handler)
    origin = httpserver.url_for("").rstrip("/")
    there = transport(origin)
    there.send("GET", f"{origin}/x", "x", token="the-token")
    there.send("GET", f"{origin}/x", "x")
    assert seen == ["Bearer the-token", None]


@pytest.mark.parametrize(
    "url", ["https://evil.example/x", "http://start.exactonline.nl/x", "https://start.exactonline.nl:444/x"]
)
def test_other_origins_get_nothing(url: str) -> None:
    """Another host, another port and the same host without encryption are all elsewhere."""
    with pytest.raises(StopRun, match="credentials go to"):
        transport("https://start.exactonline.nl").send("GET", url, "x")


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://Start.ExactOnline.nl:443/api?x=1", "https://start.exactonline.nl"),
        ("http://127.0.0.1:8765/", "http://127.0.0.1:8765"),
        ("http://[::1]:80/x", "http://[::1]"),
        ("https://start.exactonline.nl@evil.example/", "https://evil.example"),
    ],
)
def test_origin_in(url: str, origin: str) -> None:
    """An origin is scheme, host and port; a default port and what stands before an @ do not count."""
    assert origin == origin_in(url)


def test_origin_of() -> None:
    """The setting may have a path or blanks; what is no address is named."""
    assert origin_of(" https://start.exactonline.be/ ") == "https://start.exactonline.be"
    assert origin_of("http://localhost:8765") == "http://localhost:8765"
    with pytest.raises(SignInFailed, match="https://start"):
        origin_of("https://[broken")
