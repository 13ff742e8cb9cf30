"""An Exact Online of a few rows, kept in plain lists that a test changes between two calls, and the tap run on it."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, quote, urlsplit

import requests

from tap_exact_online.client import Client, connect
from tests.tap_exact_online.fake import ORIGIN, Exact, Time, pair, settings
from tests.tap_exact_online.running import Run

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from pathlib import Path

    from tests.tap_exact_online.fake import Reply

Row = dict[str, Any]

FEED = re.compile(r"Timestamp gt (\d+)L?")
CHANGED = re.compile(r"Modified ge datetime'([^']+)'")
EQUAL = re.compile(r"(\w+) eq guid'([^']+)'")


def guid(number: int) -> str:
    """Return a GUID that a person can tell from others."""
    return f"00000000-0000-4000-8000-{number:012d}"


def wire(wall: str) -> str:
    """Return the time on Exact's wall as Exact writes it: as if it were UTC."""
    return f"/Date({round(_utc(wall) * 1000)})/"


def _utc(wall: str) -> float:
    return dt.datetime.fromisoformat(wall).replace(tzinfo=dt.UTC).timestamp()


def refused(status: int, text: str = "", reason: str = "") -> Reply:
    """Return an error as Exact gives it."""
    return status, {"Reason": reason}, {"error": {"code": "", "message": {"lang": "", "value": text}}}


class Tables:
    """Answers reads from lists of rows, by resource; ``before`` is called before each answer.

    Args:
        rows: By resource; of one administration when the name ends on ``@`` and its code.
    """

    def __init__(self, rows: Mapping[str, list[Row]] | None = None, page: int = 1000) -> None:
        self.rows = dict(rows or {})
        self.rows.setdefault("system/Divisions", [{"Code": 1234567, "DivisionMoveDate": None}])
        self.page = page
        self.refused: dict[str, Reply] = {}
        self.before: Callable[[str, Mapping[str, str]], None] = lambda _resource, _query: None
        self.asked: list[tuple[str, Mapping[str, str]]] = []
        self.time = Time()

    def __call__(self, request: requests.PreparedRequest) -> Reply:
        """Answer one request."""
        parts = urlsplit(request.url or "")
        if parts.path == "/api/oauth2/token":
            return 200, {}, pair(len(self.asked))
        division, _, resource = parts.path.removeprefix("/api/v1/").partition("/")
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.before(resource, query)
        self.asked.append((resource, query))
        if resource in self.refused:
            return self.refused[resource]
        rows = self.rows.get(f"{resource}@{division}", self.rows.get(resource))
        if rows is None:
            return refused(404, "Not found")
        return 200, {}, {"d": self._page(parts.path, rows, query)}

    def _page(self, path: str, rows: list[Row], query: Mapping[str, str]) -> Row:
        found = [row for row in rows if matches(row, query.get("$filter", ""))]
        if "$orderby" in query:
            found.sort(key=lambda row: row.get(query["$orderby"]) or "")
        start = int(query.get("$skiptoken", "0"))
        select = query.get("$select", "*").split(",")
        page = [
            row if select == ["*"] else {name: row.get(name) for name in select} for row in found[start:][: self.page]
        ]
        if len(found) <= start + self.page:
            return {"results": page}
        options = {**query, "$skiptoken": str(start + self.page)}
        link = "&".join(f"{name}={quote(value)}" for name, value in options.items())
        return {"results": page, "__next": f"{ORIGIN}{path}?{link}"}

    def connect(self, config: Mapping[str, Any]) -> Client:
        """Return a client of these tables."""
        session = requests.Session()
        session.mount("https://", Exact(self.time, self))
        return connect(config, session=session, local=self.time.now, sleep=self.time.sleep)

    def run(self, folder: Path, select: Collection[str], state: Row | None = None, **options: Any) -> Run:
        """Run the tap; options that `Run` does not know are settings."""
        own = {name: options.pop(name) for name in ("after", "catalog", "deselect") if name in options}
        self.asked.clear()
        config = settings(folder, **options)
        return Run(config, select, state, connecting=self.connect, **own)

    @property
    def resources(self) -> list[str]:
        """What was read in the last run."""
        return [resource for resource, _ in self.asked]

    def query(self, resource: str) -> Mapping[str, str]:
        """Return the query of the first call of a resource in the last run."""
        return next(query for each, query in self.asked if each == resource)


def matches(row: Row, condition: str) -> bool:
    """Tell whether a row meets a filter of the few kinds that the tap sends."""
    if found := FEED.fullmatch(condition):
        return int(row["Timestamp"]) > int(found[1])
    if found := CHANGED.fullmatch(condition):
        changed = row["Modified"]
        return changed is not None and int(changed[6:-2]) >= _utc(found[1]) * 1000
    if terms := EQUAL.findall(condition):
        return any(row.get(column) == value for column, value in terms)
    return True
