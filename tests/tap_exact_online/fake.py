"""A scripted Exact Online: an adapter for `requests` that answers from a function, and a clock that never waits."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from email.utils import formatdate
from typing import TYPE_CHECKING, Any

import requests
from requests.structures import CaseInsensitiveDict
from typing_extensions import override

from tap_exact_online.client import Client, connect

if TYPE_CHECKING:
    from pathlib import Path

ORIGIN = "https://start.exactonline.nl"
NOON = 1_790_769_600.0
"""2026-09-30 12:00:00 UTC."""

Reply = tuple[int, Mapping[str, str], Any]
Handler = Callable[[requests.PreparedRequest], Reply]


class Time:
    """A local clock that only moves when somebody waits; ``ahead`` is how far Exact's clock is ahead of it."""

    def __init__(self, start: float = NOON, ahead: float = 0.0) -> None:
        self.start = start
        self.local = start
        self.ahead = ahead
        self.waits: list[float] = []

    def now(self) -> float:
        """Return the local time."""
        return self.local

    def sleep(self, seconds: float) -> None:
        """Let time pass at once."""
        self.waits.append(seconds)
        self.local += seconds

    def date(self) -> str:
        """Return Exact's `Date` header."""
        return formatdate(self.local + self.ahead, usegmt=True)


class Exact(requests.adapters.BaseAdapter):
    """Answers every request with what ``handler`` returns or raises, and remembers it."""

    def __init__(self, time: Time, handler: Handler) -> None:
        super().__init__()
        self.time = time
        self.handler = handler
        self.seen: list[requests.PreparedRequest] = []

    @override
    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        self.seen.append(request)
        status, headers, body = self.handler(request)
        response = requests.Response()
        response.status_code = status
        response.headers = CaseInsensitiveDict({"Date": self.time.date(), **headers})
        response.request = request
        response.url = request.url or ""
        response._content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return response

    @override
    def close(self) -> None:
        """There is nothing to close."""

    def paths(self) -> list[str]:
        """Return method and path of what was asked."""
        return [f"{request.method} {request.path_url.partition('?')[0]}" for request in self.seen]


def pair(number: int, **more: Any) -> dict[str, Any]:
    """Return a token pair as Exact gives it."""
    return {
        "access_token": f"access-{number}",
        "token_type": "bearer",
        "expires_in": "600",
        "refresh_token": f"refresh-{number}",
        **more,
    }


def settings(folder: Path, **more: Any) -> dict[str, Any]:
    """Return the settings of a client with its token store in a folder."""
    return {
        "api_url": ORIGIN,
        "division": 1234567,
        "client_id": "{client}",
        "client_secret": "very-secret",
        "token_file": str(folder / "tokens.json"),
        "refresh_token": "refresh-0",
        **more,
    }


def client_of(folder: Path, time: Time, handler: Handler, **more: Any) -> tuple[Client, Exact]:
    """Return a client whose requests a function answers; tokens are handed out unless the function does."""
    counter = iter(range(1, 1000))

    def answer(request: requests.PreparedRequest) -> Reply:
        if request.path_url == "/api/oauth2/token" and not more.get("own_tokens"):
            return 200, {}, pair(next(counter))
        return handler(request)

    exact = Exact(time, answer)
    session = requests.Session()
    session.mount("https://", exact)
    config = settings(folder, **{name: value for name, value in more.items() if name != "own_tokens"})
    return connect(config, session=session, local=time.now, sleep=time.sleep), exact
