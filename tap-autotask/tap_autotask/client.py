"""The Autotask REST API: one call at a time, patient, and reading whole tables by id."""

from __future__ import annotations

import dataclasses
import datetime as dt
import logging
import random
import time
from importlib.metadata import version
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar
from urllib.parse import urlencode, urlsplit

import msgspec
import requests
from requests.exceptions import SSLError

from tap_autotask import answers
from tap_autotask.auth import API_URL, ZoneAuth, anonymous, base_url, read_zone
from tap_autotask.exceptions import PassingFault, Refused, SignInRefused, StopRun
from tap_autotask.limits import Limits, Patience, pace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from requests import PreparedRequest

    from tap_autotask.auth import Credentials, Zone

Row = dict[str, Any]
Condition = dict[str, Any]
Item = TypeVar("Item")


class Page(NamedTuple):
    """Rows by ascending id, and whether there may be more behind them."""

    rows: list[Row]
    more: bool


MAX_PAGE = 500
MAX_IN = 200
"""A query takes 500 OR conditions, and each value of an ``in`` counts (Autotask SOAP docs, Best practices)."""

MAX_BODY = 256 * 1024 * 1024
CHUNK = 1024 * 1024
USER_AGENT = f"tap-autotask/{version('tap-autotask')}"

logger = logging.getLogger("tap-autotask.client")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Options:
    """Where and how to call.

    Args:
        api_url: Who is asked for the tenant's zone.
        zone_url: The zone's address where discovery must not decide it.
        page_size: Rows a page, 1 to 500.
        user_agent: The User-Agent header.
        timeout_seconds: How long to wait for an answer; the server itself gives up after 300
            (msoukhomlinov/n8n-nodes-autotask).
        limits: How patient to be.
    """

    api_url: str = API_URL
    zone_url: str | None = None
    page_size: int = MAX_PAGE
    user_agent: str = USER_AGENT
    timeout_seconds: float = 300.0
    limits: Limits = dataclasses.field(default_factory=Limits)


class _Request(NamedTuple):
    method: str
    url: str
    body: Any
    auth: Callable[[PreparedRequest], PreparedRequest]

    @property
    def what(self) -> str:
        """The request as messages name it: without host and query, which tell nothing or too much."""
        return f"{self.method} {urlsplit(self.url).path.partition('/V1.0/')[2]}"

    @property
    def host(self) -> str:
        return urlsplit(self.url).netloc


class AutotaskClient:
    """Calls Autotask, one call at a time: it allows 3 per integration and entity (Autotask docs, Thread limiting).

    Args:
        credentials: Who signs in.
        options: Where and how.
        session: The HTTP session.
        sleep: Waits that many seconds.
        clock: Now, in UTC, where the server does not tell its own time.
        jitter: Gives numbers from 0 to 1.
    """

    def __init__(
        self,
        credentials: Credentials,
        options: Options | None = None,
        *,
        session: requests.Session | None = None,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC),
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._credentials = credentials
        self._options = options or Options()
        self._session = session or requests.Session()
        self._session.headers.update({"User-Agent": self._options.user_agent, "Accept": "application/json"})
        self._sleep, self._clock, self._jitter = sleep, clock, jitter
        self._zone: Zone | None = None
        self._rediscovered = False
        self._stopped: StopRun | None = None
        self._server_date: dt.datetime | None = None
        self._pause = 0.0
        self._look_at = self._options.limits.threshold_every
        self.calls = 0
        """How many requests were sent, zone discovery included."""

    @property
    def zone(self) -> Zone:
        """Where the tenant lives; found with one call without credentials, once."""
        if self._zone is None:
            self._zone = self._discover()
        return self._zone

    def now(self) -> dt.datetime:
        """Return the server's time at its latest answer, in UTC: never later than what a next query sees."""
        _ = self.zone
        return self._server_date or self._clock().replace(microsecond=0)

    def get(self, path: str) -> Any:
        """Return the answer to a GET of a path below ``/V1.0/``."""
        return self.call("GET", path)

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """Send a request that may be repeated, and return its parsed answer.

        Raises:
            Refused: Autotask refuses this request.
            StopRun: No further call makes sense; every later call of this client raises it too, unsent.
        """
        if self._stopped:
            raise self._stopped
        try:
            self._keep_pace()
            return self._signed_in(method, path, body)
        except StopRun as stop:
            self._stopped = stop
            raise

    def pages(
        self, entity: str, conditions: Sequence[Condition] = (), *, after: int = -1, fields: Sequence[str] = ()
    ) -> Iterator[list[Row]]:
        """Yield the rows that meet all conditions, a page at a time, by ascending id.

        Each page asks for ids greater than the last one, as the vendor recommends (apigrate/autotask-restapi#24): rows
        that come or go meanwhile shift nothing. The company with id 0, the tenant itself, is not lost.

        Args:
            entity: ``Invoices``.
            conditions: As the API has them.
            after: Only ids greater than this.
            fields: Only these fields; ``id`` has to be among them.
        """
        more = True
        while more:
            rows, more = self.page(entity, conditions, after=after, fields=fields)
            if rows:
                after = rows[-1]["id"]
                yield rows

    def page(
        self, entity: str, conditions: Sequence[Condition] = (), *, after: int = -1, fields: Sequence[str] = ()
    ) -> Page:
        """Return one page of the rows that `pages` yields."""
        query: dict[str, Any] = {
            "MaxRecords": self._options.page_size,
            "filter": [{"op": "gt", "field": "id", "value": after}, *conditions],
        }
        if fields:
            query["IncludeFields"] = list(fields)
        answer = self.call("POST", f"{entity}/query", query)
        rows = _rows(entity, answer, after)
        return Page(rows, _has_more(answer, len(rows), self._options.page_size))

    def among(
        self,
        entity: str,
        ids: Iterable[int],
        field: str = "id",
        conditions: Sequence[Condition] = (),
        fields: Sequence[str] = (),
    ) -> Iterator[Row]:
        """Yield the rows whose field has one of the values, with as few calls as Autotask allows.

        Args:
            entity: ``Invoices``.
            ids: The values.
            field: The field.
            conditions: What the rows have to meet besides.
            fields: Only these fields; ``id`` has to be among them.
        """
        for within in batches(sorted(set(ids)), MAX_IN):
            for page in self.pages(entity, [is_in(within, field), *conditions], fields=fields):
                yield from page

    def count(self, entity: str, conditions: Sequence[Condition] = (), *, after: int = -1) -> int:
        """Return how many rows meet all conditions and have an id greater than ``after``."""
        query = {"filter": [{"op": "gt", "field": "id", "value": after}, *conditions]}
        answer = self.call("POST", f"{entity}/query/count", query)
        count = answer.get("queryCount") if isinstance(answer, dict) else None
        if not isinstance(count, int):
            raise StopRun(f"{entity}/query/count answered without a queryCount. Check the setting api_url.")
        return count

    def metadata(self, entity: str, kind: str = "fields") -> list[Row]:
        """Return what the tenant's metadata says of an entity's fields, in today's spelling of the property names.

        In 2020 they were written in PascalCase (KelvinTegelaar/AutotaskAPI, Swagger of 2020).

        Args:
            entity: ``Invoices``.
            kind: ``fields`` or ``userDefinedFields``.
        """
        answer = self.get(f"{entity}/entityInformation/{kind}")
        fields = answer.get("fields", answer.get("Fields")) if isinstance(answer, dict) else None
        if not isinstance(fields, list):
            raise StopRun(f"{entity}/entityInformation/{kind} answered without fields. Check the setting api_url.")
        return [{name[0].lower() + name[1:]: value for name, value in field.items()} for field in fields]

    def _signed_in(self, method: str, path: str, body: Any = None) -> Any:
        try:
            return self._patiently(self._request(method, path, body))
        except SignInRefused as refusal:
            self._rediscover(refusal)
        try:
            return self._patiently(self._request(method, path, body))
        except SignInRefused as refusal:
            raise StopRun(_sign_in_advice(refusal)) from refusal

    def _request(self, method: str, path: str, body: Any) -> _Request:
        return _Request(method, self.zone.url + path, body, ZoneAuth(self._credentials, self.zone))

    def _rediscover(self, refusal: SignInRefused) -> None:
        """Find the zone again, once in a run: a tenant may have moved, and more 401s would lock the API user."""
        if self._rediscovered or self._options.zone_url:
            raise StopRun(_sign_in_advice(refusal)) from refusal
        self._rediscovered = True
        logger.warning("%s. Asking for the zone again, once.", refusal)
        self._zone = self._discover()

    def _discover(self) -> Zone:
        pinned = self._options.zone_url
        source = ("setting zone_url", pinned) if pinned else ("setting api_url", self._options.api_url)
        query = urlencode({"user": self._credentials.username})
        try:
            answer = self._patiently(_Request("GET", f"{base_url(*source)}zoneInformation?{query}", None, anonymous))
        except (SignInRefused, Refused) as refusal:
            raise StopRun(f"{refusal}. The tenant's zone cannot be found: check the {source[0]}.") from refusal
        return read_zone(answer, pinned)

    def _keep_pace(self) -> None:
        if self._pause:
            self._sleep(self._pause)
        if self._look_at and self.calls >= self._look_at:
            self._look_at = self.calls + self._options.limits.threshold_every
            self._look_at_the_hour()

    def _look_at_the_hour(self) -> None:
        try:
            information = self._signed_in("GET", "ThresholdInformation")
            pause = pace(information, self._options.limits.hourly_share)
        except (Refused, KeyError, TypeError) as error:
            logger.warning("The hour's calls cannot be read (%r), so calls are not spread over the hour.", error)
            self._look_at, self._pause = 0, 0.0
            return
        if bool(pause) != bool(self._pause):
            logger.warning("The hour's calls: %s. From here on %.1f s between calls.", information, pause)
        self._pause = pause

    def _patiently(self, request: _Request) -> Any:
        patience = Patience(self._options.limits, self._jitter)
        while True:
            try:
                return self._once(request)
            except PassingFault as fault:
                seconds = patience.pause(fault)
                logger.warning("%s. Again in %.1f s.", fault, seconds)
                self._sleep(seconds)

    def _once(self, request: _Request) -> Any:
        status, headers, content = self._send(request)
        self._server_date = answers.date(headers) or self._server_date
        answers.judge(request.what, status, headers, self._redacted(status, content))
        try:
            return answers.parse(content)
        except ValueError as error:
            raise PassingFault(f"{request.what}: the answer of {len(content)} bytes is no JSON") from error

    def _send(self, request: _Request) -> tuple[int, Mapping[str, str], bytes]:
        self.calls += 1
        try:
            with self._session.request(
                request.method,
                request.url,
                data=None if request.body is None else msgspec.json.encode(request.body),
                headers={"Content-Type": "application/json"},
                auth=request.auth,
                timeout=(min(30.0, self._options.timeout_seconds), self._options.timeout_seconds),
                allow_redirects=False,
                stream=True,
            ) as response:
                return response.status_code, response.headers, _content(request.what, response)
        except requests.RequestException as error:
            if isinstance(error, SSLError) and "CERTIFICATE" in str(error).upper():
                raise StopRun(f"{request.what}: {request.host} has no certificate this machine trusts.") from error
            raise PassingFault(f"{request.what}: no answer from {request.host} ({type(error).__name__})") from error

    def _redacted(self, status: int, content: bytes) -> bytes:
        if status == answers.OK:
            return content
        return self._credentials.redact(content.decode("utf-8", "replace")).encode()


def is_in(values: Sequence[int], field: str = "id") -> Condition:
    """Return the condition for one of some values, `MAX_IN` at most."""
    return {"op": "in", "field": field, "value": list(values)}


def batches(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """Yield items in lists of at most this size."""
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch


def _content(what: str, response: requests.Response) -> bytes:
    parts, size = [], 0
    for part in response.iter_content(CHUNK):
        size += len(part)
        if size > MAX_BODY:
            raise StopRun(f"{what}: the answer is larger than {MAX_BODY} bytes. Make page_size smaller.")
        parts.append(part)
    return b"".join(parts)


def _rows(entity: str, answer: Any, after: int) -> list[Row]:
    items = answer.get("items") if isinstance(answer, dict) else None
    if not isinstance(items, list):
        raise StopRun(f"{entity}/query answered without a list of items. Check the setting api_url.")
    for row in items:
        number = row.get("id") if isinstance(row, dict) else None
        if not isinstance(number, int) or number <= after:
            raise StopRun(
                f"{entity}/query answered the id {number!r} after {after}: rows do not come by ascending id, so"
                " reading page by page would lose some. Please report it."
            )
        after = number
    return items


def _has_more(answer: Any, rows: int, page_size: int) -> bool:
    details = answer.get("pageDetails")
    return rows >= page_size or (rows > 0 and isinstance(details, dict) and bool(details.get("nextPageUrl")))


def _sign_in_advice(refusal: SignInRefused) -> str:
    return (
        f"{refusal}. Stopped, for more attempts would lock the API user. Check username and secret, that the user is"
        " API-only and not locked, and zone_url if it is set."
    )
