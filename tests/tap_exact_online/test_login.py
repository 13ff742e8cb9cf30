from __future__ import annotations

import json
import socket
import threading
import time
import webbrowser
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import click
import pytest
import requests
from click.testing import CliRunner, Result

from tap_exact_online.login import code_in, main, wait_for_redirect
from tests.tap_exact_online.token_server import TokenServer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytest_httpserver import HTTPServer


class Login:
    """Runs the command against a token server."""

    def __init__(self, server: HTTPServer, folder: Path) -> None:
        self.tokens = TokenServer(server)
        self.environment = {
            "EXACT_ONLINE_CLIENT_ID": "{client}",
            "EXACT_ONLINE_CLIENT_SECRET": "very-secret",
            "EXACT_ONLINE_API_URL": server.url_for(""),
            "EXACT_ONLINE_TOKEN_FILE": str(folder / "tokens.json"),
        }

    def run(self, *options: str, typed: str | None = None) -> Result:
        """Return what the command said and how it ended."""
        return CliRunner().invoke(main, options, input=typed, env=self.environment)


@pytest.fixture
def login(httpserver: HTTPServer, tmp_path: Path) -> Login:
    return Login(httpserver, tmp_path)


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> list[Callable[[str], None]]:
    """Return what the person in the browser does with the page that opens."""
    does: list[Callable[[str], None]] = []

    def opened(url: str) -> bool:
        for action in does:
            action(url)
        return bool(does)

    monkeypatch.setattr(webbrowser, "open", opened)
    return does


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


def make_older(store: Path) -> None:
    """Change a token store as if it were written ten minutes ago."""
    content = json.loads(store.read_text())
    for entry in content["clients"].values():
        entry["tokens"] |= {name: entry["tokens"][name] - 600 for name in ("issued_at", "expires_at", "renew_from")}
    store.write_text(json.dumps(content))


def come_back(url: str) -> None:
    """Do as Exact does after consent: send the browser to the redirect address with the code."""
    query = parse_qs(urlsplit(url).query)
    target = query["redirect_uri"][0]

    def visit() -> None:
        for _ in range(100):
            try:
                requests.get(f"{target}favicon.ico", timeout=5)
                requests.get(target, params={"code": "the-code", "state": query["state"][0]}, timeout=5)
            except requests.ConnectionError:
                time.sleep(0.02)
            else:
                return

    threading.Thread(target=visit, daemon=True).start()


def test_consent_through_the_browser(login: Login, browser: list[Callable[[str], None]], tmp_path: Path) -> None:
    """The browser comes back by itself; the tokens are kept and the administrations listed with names and codes."""
    browser.append(come_back)
    result = login.run("--redirect-uri", f"http://localhost:{free_port()}/")
    assert result.exit_code == 0, result.output
    assert "division 1234567  Demo MSP B.V. (1001), active" in result.output
    assert "division 1234568  Demo MSP B.V. (1001), archived" in result.output
    assert "refresh-1" in (tmp_path / "tokens.json").read_text()
    assert "very-secret" not in result.output
    assert "refresh-1" not in result.output


def test_pasted_address_of_another_attempt(login: Login, browser: list[Callable[[str], None]]) -> None:
    """An address with another state is not taken, and no code is exchanged."""
    browser.append(lambda _: None)
    result = login.run("--paste", typed="http://localhost:8400/?code=the-code&state=forged\n")
    assert result.exit_code == 1
    assert "does not belong to this attempt" in result.output
    assert login.tokens.renewals == []


def test_an_address_elsewhere_is_pasted(login: Login, browser: list[Callable[[str], None]]) -> None:
    """With a redirect address that is not on this machine the address is asked for without `--paste`."""
    browser.append(lambda _: None)
    result = login.run("--redirect-uri", "https://msp.example/consent", typed="https://msp.example/consent?code=x\n")
    assert "Paste the address" in result.output


def test_refresh_keeps_alive(login: Login, browser: list[Callable[[str], None]], tmp_path: Path) -> None:
    """`--refresh` opens no browser and renews only what is old enough."""
    browser.append(come_back)
    login.run("--redirect-uri", f"http://localhost:{free_port()}/")
    browser.clear()
    assert login.run("--refresh").exit_code == 0
    assert login.tokens.renewals == ["the-code"]
    make_older(tmp_path / "tokens.json")
    result = login.run("--refresh")
    assert result.exit_code == 0, result.output
    assert login.tokens.renewals == ["the-code", "refresh-1"]


def test_refresh_without_a_sign_in(login: Login) -> None:
    """Without tokens the command says what to do, without a traceback."""
    result = login.run("--refresh")
    assert result.exit_code == 1
    assert "Consent again" in result.output


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("error=access_denied&error_description=The+user+said+no&state=s", "The user said no"),
        ("code=c", "state"),
        ("state=s", "no `code`"),
        ("", "state"),
    ],
    ids=["refused", "no state", "no code", "nothing"],
)
def test_code_in_refuses(query: str, message: str) -> None:
    """An address without what is needed is refused with the reason."""
    with pytest.raises(click.ClickException, match=message):
        code_in(f"http://localhost:8400/?{query}", "s")


def test_code_in_decodes_once() -> None:
    """The code stands encoded in the address and is decoded exactly once."""
    assert code_in(" http://localhost:8400/?code=stampNL001.a%21b%252F&state=s\n", "s") == "stampNL001.a!b%2F"


def test_nobody_comes_by() -> None:
    """A person who never answers does not keep the command waiting for ever."""
    with pytest.raises(click.ClickException, match="--paste"):
        wait_for_redirect(f"http://localhost:{free_port()}/", seconds=0.05)


def test_the_port_is_taken() -> None:
    """A port that another program has is said, with the way round it."""
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(click.ClickException, match="--paste"),
    ):
        wait_for_redirect(f"http://127.0.0.1:{taken.getsockname()[1]}/")


def test_every_option_has_help() -> None:
    """Every option says what it is for, and where in the environment it comes from."""
    text = CliRunner().invoke(main, ["--help"]).output
    for option in main.params:
        assert getattr(option, "help", None), option.name
    for name in ("CLIENT_ID", "CLIENT_SECRET", "API_URL", "TOKEN_FILE", "REDIRECT_URI"):
        assert f"EXACT_ONLINE_{name}" in text
