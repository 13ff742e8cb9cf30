"""``tap-exact-online-login``: the first consent in the browser, and keeping it alive."""

from __future__ import annotations

import http.server
import secrets
import time
import webbrowser
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import click
from typing_extensions import override

from tap_exact_online import odata
from tap_exact_online.client import connect
from tap_exact_online.exceptions import ExactOnlineError
from tap_exact_online.settings import DEFAULT_API_URL, DEFAULT_TOKEN_FILE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_exact_online.client import Client

DEFAULT_REDIRECT_URI = "http://localhost:8400/"
CONSENT_SECONDS = 300.0
_DIVISION_STATUS = {0: "inactive", 1: "active", 2: "archived"}
_LOOPBACK = {"localhost", "127.0.0.1"}
_DONE = b"<!doctype html><title>Exact Online</title><p>Consent received. You can close this page.</p>"


@click.command(context_settings={"auto_envvar_prefix": "EXACT_ONLINE", "show_default": True})
@click.option("--client-id", required=True, show_envvar=True, help="Client id of your app in the Exact App Centre.")
@click.option(
    "--client-secret",
    prompt=True,
    hide_input=True,
    show_envvar=True,
    help="Client secret of that app; asked for when it is not in the environment.",
)
@click.option("--api-url", default=DEFAULT_API_URL, show_envvar=True, help="Address of your Exact Online.")
@click.option("--token-file", default=DEFAULT_TOKEN_FILE, show_envvar=True, help="Where the tokens are kept.")
@click.option(
    "--redirect-uri", default=DEFAULT_REDIRECT_URI, show_envvar=True, help="As in the registration of your app."
)
@click.option("--paste", is_flag=True, help="Paste the address of the page you end on, instead of listening for it.")
@click.option("--refresh", is_flag=True, help="Only renew the tokens there are, so that they do not die after 30 days.")
def main(*, redirect_uri: str, paste: bool, refresh: bool, **config: Any) -> None:
    """Sign in at Exact Online and list the administrations this consent gives access to.

    Every option can come from the environment, EXACT_ONLINE_CLIENT_SECRET for example.
    """
    client = connect({**config, "division": 0})
    try:
        if not refresh:
            _consent(client, redirect_uri, paste=paste)
        client.sign_in.access_token()
        click.echo(f"Tokens are in {client.sign_in.store.path}. Administrations:")
        for line in divisions(client):
            click.echo(line)
    except ExactOnlineError as error:
        raise click.ClickException(str(error)) from error


def divisions(client: Client) -> Iterator[str]:
    """Yield a line per administration: its code, the number and the name that people know, and its state."""
    client.division = client.current_division()
    columns = ("Code", "Hid", "Description", "Status")
    for row in client.read("system/Divisions", select=columns, order="Code"):
        state = _DIVISION_STATUS.get(row["Status"], f"status {row['Status']}")
        yield f"  division {row['Code']}  {odata.trimmed(row['Description'])} ({row['Hid']}), {state}"


def code_in(address: str, state: str) -> str:
    """Return the code in the address that Exact redirected to.

    Raises:
        ClickException: consent was refused, or the address belongs to another attempt.
    """
    query = {name: values[0] for name, values in parse_qs(urlsplit(address.strip()).query).items()}
    if "error" in query:
        raise click.ClickException(f"No consent: {query.get('error_description', query['error'])}")
    if not secrets.compare_digest(query.get("state", "").encode(), state.encode()):
        raise click.ClickException("That address does not belong to this attempt (its `state` differs): start again.")
    if "code" not in query:
        raise click.ClickException("That address holds no `code`: paste the whole address of the page you end on.")
    return query["code"]


def _consent(client: Client, redirect_uri: str, *, paste: bool) -> None:
    state = secrets.token_urlsafe(24)
    url = client.sign_in.who.consent_url(redirect_uri, state)
    click.echo(f"Give consent in the browser. If it does not open, go to:\n{url}")
    webbrowser.open(url)
    if paste or not _is_loopback(redirect_uri):
        address = click.prompt("Paste the address of the page you end on")
    else:
        address = wait_for_redirect(redirect_uri)
    client.sign_in.obtain(code_in(address, state), redirect_uri)


def wait_for_redirect(redirect_uri: str, seconds: float = CONSENT_SECONDS) -> str:
    """Listen on this machine until the browser comes by with an answer, and return the path it asked for.

    Raises:
        ClickException: it did not come in time, or the port is taken.
    """
    parts = urlsplit(redirect_uri)
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        timeout = 5  # browsers open connections in advance and leave them idle

        @override
        def log_message(self, format: str, *args: Any) -> None:
            """Log nothing: the path holds the code."""

        def do_GET(self) -> None:
            if urlsplit(self.path).path == (parts.path or "/") and urlsplit(self.path).query:
                asked.append(self.path)
            self.send_response(200 if asked else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(_DONE if asked else b"")

    try:
        server = http.server.HTTPServer((parts.hostname or "localhost", parts.port or 80), Handler)
    except OSError as error:
        raise click.ClickException(f"Cannot listen on {redirect_uri} ({error.strerror}): use --paste.") from error
    until = time.monotonic() + seconds
    with server:
        while not asked and (left := until - time.monotonic()) > 0:
            server.timeout = left
            server.handle_request()
    if not asked:
        raise click.ClickException(f"No answer came to {redirect_uri} within {seconds:.0f} s: start again, or --paste.")
    return asked[0]


def _is_loopback(redirect_uri: str) -> bool:
    parts = urlsplit(redirect_uri)
    return parts.scheme == "http" and parts.hostname in _LOOPBACK
