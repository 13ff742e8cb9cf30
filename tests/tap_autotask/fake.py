"""A scripted Autotask: an adapter for `requests` that answers from a list or a function, and never waits."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import requests
from requests.structures import CaseInsensitiveDict
from typing_extensions import override

from tap_autotask.auth import Credentials
from tap_autotask.client import AutotaskClient, Options

if TYPE_CHECKING:
    from collections.abc import Iterable

NOON = "Mon, 02 Nov 2026 12:00:00 GMT"
API = "https://webservices2.autotask.net/ATServicesRest"
ZONE = {
    "zoneName": "EU1",
    "url": "https://webservices19.autotask.net/ATServicesRest/",
    "webUrl": "https://ww19.autotask.net/",
    "ci": 123456,
}
WHO = Credentials("api@demo-msp.example", "very-secret", "TRACKINGCODE")

Reply = tuple[int, Mapping[str, str], Any] | Exception
Handler = Callable[[requests.PreparedRequest], Reply]


def ok(body: Any) -> Reply:
    """Return a good answer."""
    return 200, {}, body


def page(*ids: int, more: bool = False) -> Reply:
    """Return a page of rows that have nothing but an id."""
    url = "https://webservices19.autotask.net/next" if more else None
    return ok({"items": [{"id": number} for number in ids], "pageDetails": {"nextPageUrl": url}})


def failure(status: int, *texts: str, headers: Mapping[str, str] | None = None) -> Reply:
    """Return an error in Autotask's form."""
    return status, headers or {}, {"errors": list(texts)}


class Autotask(requests.adapters.BaseAdapter):
    """Answers zone information by itself and everything else with what ``handler`` gives."""

    def __init__(self, handler: Handler) -> None:
        super().__init__()
        self.handler = handler
        self.seen: list[requests.PreparedRequest] = []

    @override
    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        self.seen.append(request)
        reply = self.handler(request)
        if isinstance(reply, Exception):
            raise reply
        status, headers, body = reply
        response = requests.Response()
        response.status_code = status
        response.headers = CaseInsensitiveDict({"Date": NOON, **headers})
        response.request = request
        response.url = request.url or ""
        response._content = body if isinstance(body, bytes) else json.dumps(body).encode()
        response._content_consumed = True  # type: ignore[attr-defined]
        return response

    @override
    def close(self) -> None:
        """There is nothing to close."""

    @property
    def bodies(self) -> list[Any]:
        """What was sent, without the questions for the zone."""
        return [json.loads(request.body or "null") for request in self.seen if not is_zone(request)]

    @property
    def paths(self) -> list[str]:
        """Method and path of what was asked."""
        return [f"{request.method} {request.path_url.partition('?')[0]}" for request in self.seen]


def is_zone(request: requests.PreparedRequest) -> bool:
    """Tell whether a request asks for the zone."""
    return "zoneinformation" in request.path_url.lower()


def scripted(replies: Iterable[Reply]) -> Handler:
    """Answer zone information as it should be, and all else from a list."""
    script = iter(replies)
    return lambda request: ok(ZONE) if is_zone(request) else next(script)


class Waits(list[float]):
    """What the client slept, all at once."""

    def __call__(self, seconds: float) -> None:
        """Remember a wait instead of waiting."""
        self.append(seconds)


def client_of(handler: Handler, **options: Any) -> tuple[AutotaskClient, Autotask, Waits]:
    """Return a client on a scripted Autotask, the Autotask, and the waits."""
    autotask, waits, session = Autotask(handler), Waits(), requests.Session()
    session.mount("https://", autotask)
    client = AutotaskClient(WHO, Options(**options), session=session, sleep=waits, jitter=lambda: 1.0)
    return client, autotask, waits
