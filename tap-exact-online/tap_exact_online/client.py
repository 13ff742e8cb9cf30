"""The client of Exact Online: reads page by page, writes once, keeps the limits, and tells errors by what to do."""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from tap_exact_online import odata
from tap_exact_online.answers import lost, read_answer
from tap_exact_online.auth import Credentials, SignIn
from tap_exact_online.exceptions import (
    DayLimit,
    ExactOnlineError,
    RateLimited,
    StopRun,
    Unauthorized,
    Unavailable,
)
from tap_exact_online.limits import Limits, ServerClock, check_errors
from tap_exact_online.token_store import TokenStore
from tap_exact_online.transport import NoAnswerError, NotSentError, Transport, origin_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from uuid import UUID

    import requests

COUNTED_ERRORS = frozenset({400, 401, 403, 404})

_PATIENCE: dict[type[ExactOnlineError], tuple[float, ...]] = {
    RateLimited: (5.0, 10.0, 20.0, 40.0, 60.0, 60.0, 60.0, 60.0),
    Unavailable: (1.0, 2.0, 4.0, 8.0, 16.0),
}
"""Seconds between attempts; a 429 whose headers tell when the minute ends waits for that instead."""

_PLAIN = "$,'()/:"
_OF_THE_USER = ("current/", "system/Users")
"""Resources whose address has no division (Exact REST docs)."""
_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Request:
    method: str
    url: str
    endpoint: str
    body: bytes | None = field(default=None, repr=False)

    def parts(self) -> dict[str, Any]:
        headers = {"Content-Type": "application/json"} if self.body is not None else {}
        if self.method == "POST":
            headers["Prefer"] = "return=representation"
        return {"data": self.body, "headers": headers}


class Client:
    """One division, one request at a time.

    ``calls`` counts requests by method and endpoint, ``limits`` holds what Exact said last about the calls left.
    """

    def __init__(
        self,
        division: int,
        transport: Transport,
        sign_in: SignIn,
        limits: Limits,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.division = division
        self.sign_in = sign_in
        self.limits = limits
        self.calls = transport.calls
        self._transport = transport
        self._clock = transport.clock
        self._sleep = sleep
        self._errors: dict[str, list[float]] | None = None

    @property
    def origin(self) -> str:
        """Where Exact Online is: ``https://start.exactonline.nl``."""
        return self._transport.origin

    def read(self, resource: str, **query: Any) -> Iterator[dict[str, Any]]:
        """Yield all rows of a resource; the query is that of ``pages``."""
        for rows in self.pages(resource, **query):
            yield from rows

    def pages(
        self,
        resource: str,
        *,
        select: Sequence[str],
        where: str = "",
        order: str = "",
        expand: str = "",
        top: int | None = None,
    ) -> Iterator[list[dict[str, Any]]]:
        """Yield the pages of a resource, following Exact's own links.

        Args:
            resource: service and resource, for example ``crm/Accounts``; a function takes its parameters behind a
                question mark, their values made by ``odata.literal``.
            select: the columns.
            where: a filter, its values made by ``odata.literal``.
            order: a column, with ``desc`` when descending.
            expand: a nested collection.
            top: at most so many rows.

        Raises:
            StopRun: Exact gives no further page, or gives one twice.
        """
        options = {"$select": ",".join(select), "$filter": where, "$orderby": order, "$expand": expand, "$top": top}
        asked = {name: value for name, value in options.items() if value not in ("", None)}
        resource, _, parameters = resource.partition("?")
        query = (quote(parameters, safe=f"{_PLAIN}=&%"), urlencode(asked, safe=_PLAIN, quote_via=quote))
        url: str | None = f"{self._url(resource)}?{'&'.join(filter(None, query))}"
        seen: set[str] = set()
        while url is not None:
            if url in seen:
                raise StopRun(f"{resource}: Exact Online gives the same page twice; run again later")
            seen.add(url)
            rows, url = self._call(_Request("GET", url, self._endpoint(resource)))
            yield rows

    def create(self, resource: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Create one entity and return it as Exact answers it.

        Raises:
            Refused: Exact did not create it.
            Unanswered: it may have been created or not.
            StopRun: it was not created, and nothing else would be.
        """
        request = _Request("POST", self._url(resource), self._endpoint(resource), odata.encode(dict(body)))
        rows = self._call(request).rows
        if len(rows) != 1:
            raise lost("POST", request.endpoint, "the answer holds no entity")
        return rows[0]

    def update(self, resource: str, key: UUID, body: Mapping[str, Any]) -> None:
        """Change columns of one entity; raises as ``create`` does."""
        url = self._url(f"{resource}({odata.literal(key)})")
        self._call(_Request("PUT", url, self._endpoint(resource), odata.encode(dict(body))))

    def delete(self, resource: str, key: UUID) -> None:
        """Remove one entity; raises as ``create`` does."""
        url = self._url(f"{resource}({odata.literal(key)})")
        self._call(_Request("DELETE", url, self._endpoint(resource)))

    def now(self) -> dt.datetime:
        """Return the time by Exact's clock, in UTC; never ahead of it."""
        return dt.datetime.fromtimestamp(self._clock.now(), dt.UTC)

    def current_division(self) -> int:
        """Return the division that the signed-in user chose last in Exact's own pages."""
        resource = "current/Me"
        page = self._call(_Request("GET", f"{self._url(resource)}?$select=CurrentDivision", resource))
        return int(page.rows[0]["CurrentDivision"])

    def _url(self, resource: str) -> str:
        part = resource if resource.startswith(_OF_THE_USER) else f"{self.division}/{resource}"
        if "{division}" in resource:
            part = resource.format(division=self.division)
        return f"{self._transport.origin}/api/v1/{part}"

    def _endpoint(self, resource: str) -> str:
        return f"{self.division}/{resource}"

    def _call(self, request: _Request) -> odata.Page:
        """Send until there is an outcome. A write is repeated only when it was certainly not carried out."""
        attempts: Counter[type[ExactOnlineError]] = Counter()
        while True:
            self._pace(request.endpoint)
            token = self.sign_in.access_token()
            try:
                return self._once(request, token)
            except ExactOnlineError as error:
                attempts[type(error)] += 1
                self._recover(error, attempts[type(error)], token)

    def _once(self, request: _Request, token: str) -> odata.Page:
        try:
            answer = self._transport.send(request.method, request.url, request.endpoint, token=token, **request.parts())
        except NotSentError as error:
            raise Unavailable(f"{request.endpoint}: no connection ({error}); run again later") from error
        except NoAnswerError as error:
            raise lost(request.method, request.endpoint, f"no complete answer ({error})") from error
        self.limits.observe(answer.headers)
        if answer.status in COUNTED_ERRORS:
            self._errors = self.sign_in.store.note_error(request.endpoint, self._clock.now())
        return read_answer(request.method, request.endpoint, answer)

    def _recover(self, error: ExactOnlineError, attempt: int, token: str) -> None:
        """Make the next attempt possible, or raise the error."""
        if isinstance(error, Unauthorized) and attempt == 1:
            self.sign_in.replace(token)
            return
        if isinstance(error, DayLimit):
            raise self.limits.day_limit(error.status) from error
        delays = _PATIENCE.get(type(error), ())
        if attempt > len(delays):
            raise error
        if isinstance(error, RateLimited) and self.limits.wait(self._clock.now()):
            return
        _logger.warning("%s Waiting %.0f s.", error, delays[attempt - 1])
        self._sleep(delays[attempt - 1])

    def _pace(self, endpoint: str) -> None:
        """Wait for a new minute when this one is used up; stop at an endpoint that gave too many errors."""
        if self._errors is None:
            self._errors = self.sign_in.store.errors()
        check_errors(endpoint, self._errors.get(endpoint, []), self._clock.now())
        while wait := self.limits.wait(self._clock.now()):
            _logger.info("The %s calls of this minute are used; waiting %.1f s.", self.limits.minute.limit, wait)
            self._sleep(wait)


def connect(
    config: Mapping[str, Any],
    *,
    session: requests.Session | None = None,
    local: Callable[[], float] = time.time,
    sleep: Callable[[float], None] = time.sleep,
) -> Client:
    """Return the client that a plugin's settings describe; nothing is sent yet.

    Args:
        config: the settings of ``settings.CONNECTION_SETTINGS``.
        session: carries the requests.
        local: the local clock, in seconds since 1970.
        sleep: waits so many seconds; what it raises ends the call.

    Raises:
        SignInFailed: ``api_url`` cannot be used.
    """
    origin = origin_of(config["api_url"])
    who = Credentials(
        client_id=config["client_id"],
        client_secret=config["client_secret"],
        refresh_token=config.get("refresh_token") or "",
        origin=origin,
    )
    transport = Transport(origin, ServerClock(local), session)
    store = TokenStore(Path(config["token_file"]), f"{who.client_id} at {origin}")
    limits = Limits(minute_reserve=config.get("minute_reserve") or 0, day_reserve=config.get("day_reserve") or 0)
    sign_in = SignIn(who, store, transport.clock, transport.ask_for_token, sleep)
    return Client(config["division"], transport, sign_in, limits, sleep)
