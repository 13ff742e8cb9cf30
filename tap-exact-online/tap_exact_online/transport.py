"""One HTTP exchange with Exact Online: no retry, no meaning, nothing to any other origin."""

from __future__ import annotations

import logging
import ssl
from collections import Counter
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests
from typing_extensions import override
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from tap_exact_online.answers import Answer
from tap_exact_online.exceptions import SignInFailed, StopRun

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_exact_online.limits import ServerClock

TIMEOUT = (10.0, 120.0)
"""Seconds to connect and to wait for bytes; Exact's own limit is not known."""

_logger = logging.getLogger(__name__)
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


class NotSentError(Exception):
    """There was no connection, so nothing was carried out."""


class NoAnswerError(Exception):
    """The request may have arrived; no complete answer did."""


class _Bearer(requests.auth.AuthBase):
    """Sets the header, or takes it away."""

    def __init__(self, token: str) -> None:
        self._token = token

    @override
    def __call__(self, r: requests.PreparedRequest) -> requests.PreparedRequest:
        r.headers.pop("Authorization", None)
        if self._token:
            r.headers["Authorization"] = f"Bearer {self._token}"
        return r


class Transport:
    """A session for one origin; every answer teaches the clock, and ``calls`` counts by method and endpoint."""

    def __init__(self, origin: str, clock: ServerClock, session: requests.Session | None = None) -> None:
        self.origin = origin
        self.clock = clock
        self.calls: Counter[str] = Counter()
        self._session = _for_one_origin(session or requests.Session(), origin)
        self._session.headers.update({"Accept": "application/json", "User-Agent": "tap-exact-online"})

    def ask_for_token(self, form: dict[str, str]) -> Answer | None:
        """Post a form to the token endpoint; None when no answer came."""
        try:
            return self.send("POST", f"{self.origin}/api/oauth2/token", "oauth2/token", data=form)
        except (NotSentError, NoAnswerError) as error:
            _logger.warning("No answer from Exact Online's token endpoint (%s)", error)
            return None

    def send(self, method: str, url: str, endpoint: str, *, token: str = "", **parts: Any) -> Answer:
        """Send one request.

        Args:
            method: the HTTP method.
            url: must lie at the origin.
            endpoint: under which the call is counted.
            token: the access token; none for the token endpoint.
            parts: what ``requests`` takes further: ``data``, ``headers``, ``params``.

        Raises:
            NotSentError: no connection.
            NoAnswerError: no complete answer.
            StopRun: the URL lies elsewhere.
        """
        if origin_in(url) != self.origin:
            raise StopRun(
                f"Exact Online points to {origin_in(url)}, but credentials go to `api_url` only: {self.origin}"
            )
        self.calls[f"{method} {endpoint}"] += 1
        sent = self.clock.local()
        try:
            response = self._session.request(
                method, url, auth=_Bearer(token), timeout=TIMEOUT, allow_redirects=False, **parts
            )
        except requests.RequestException as error:
            kind = NotSentError if _never_sent(error) else NoAnswerError
            raise kind(f"{type(error).__name__} at {self.origin}") from error
        self.clock.observe(response.headers.get("Date"), sent, self.clock.local())
        return Answer(response.status_code, response.headers, response.content)


def _for_one_origin(session: requests.Session, origin: str) -> requests.Session:
    """Read proxies and certificates from the environment once, as requests would for each call; not ``.netrc``."""
    settings = session.merge_environment_settings(origin, {}, None, None, None)
    session.proxies, session.verify, session.trust_env = settings["proxies"], settings["verify"], False
    return session


def origin_in(url: str) -> str:
    """Return scheme, host and port of a URL, without a default port."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    port = "" if parts.port in (None, {"https": 443, "http": 80}.get(parts.scheme)) else f":{parts.port}"
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{port}"


def origin_of(api_url: str) -> str:
    """Return the origin that the setting ``api_url`` names.

    Raises:
        SignInFailed: it is no URL, or not encrypted; only this machine may be.
    """
    try:
        parts = urlsplit(api_url.strip())
        origin = origin_in(api_url.strip())
    except ValueError:
        parts, origin = urlsplit(""), ""
    if parts.hostname and (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)):
        return origin
    raise SignInFailed(
        f"`api_url` is {api_url!r}: give the address of your Exact Online, such as https://start.exactonline.nl"
    )


def _never_sent(error: requests.RequestException) -> bool:
    signs = (NewConnectionError, ConnectTimeoutError, ssl.SSLCertVerificationError)
    return any(isinstance(cause, signs) for cause in _causes(error))


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and what lies beneath it: requests and urllib3 wrap each other's."""
    waiting, seen = [error], set[int]()
    while waiting:
        cause = waiting.pop()
        if id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        beneath = (*cause.args, getattr(cause, "reason", None), cause.__cause__, cause.__context__)
        waiting += [item for item in beneath if isinstance(item, BaseException)]
