"""An Autotask of a few rows, kept in plain lists that a test changes between two runs, and the tap run on it."""

from __future__ import annotations

import contextlib
import io
import json
import operator
from typing import TYPE_CHECKING, Any

from tap_autotask.tap import TapAutotask
from tests.tap_autotask.fake import ZONE, client_of, failure, is_zone, ok

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import requests

    from tests.tap_autotask.fake import Reply

Row = dict[str, Any]

OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "gt": operator.gt,
    "gte": operator.ge,
    "lte": operator.le,
    "in": lambda value, among: value in among,
    "exist": lambda _value, _nothing: True,
}

PICKLISTS = {"fields": [{"name": "billingItemType", "picklistValues": [{"value": "1", "label": "Labor"}]}]}


class Tables:
    """Answers queries and counts from lists of rows; ``now`` is what the Date header says."""

    def __init__(self, **rows: list[Row]) -> None:
        self.rows = rows
        self.now = "Mon, 02 Nov 2026 12:00:00 GMT"

    def __call__(self, request: requests.PreparedRequest) -> Reply:
        """Answer one request."""
        status, headers, body = self._answer(request)  # type: ignore[misc]
        return status, {"Date": self.now, **headers}, body

    def _answer(self, request: requests.PreparedRequest) -> Reply:
        if is_zone(request):
            return ok(ZONE)
        path = request.path_url.partition("/V1.0/")[2]
        entity = path.partition("/")[0]
        if path.endswith("/entityInformation/fields"):
            return ok(PICKLISTS)
        if not path.endswith(("/query", "/query/count")):
            return failure(404)
        query = json.loads(request.body or "")
        found = [row for row in self.rows.get(entity, []) if all(meets(row, each) for each in query["filter"])]
        if path.endswith("/count"):
            return ok({"queryCount": len(found)})
        page = sorted(found, key=operator.itemgetter("id"))[: query["MaxRecords"]]
        return ok({"items": [dict(row) for row in page], "pageDetails": {"nextPageUrl": None}})


def meets(row: Row, condition: Row) -> bool:
    """Tell whether a row meets a condition; as in SQL, null meets none but ``notExist``."""
    if condition["op"] == "or":
        return any(meets(row, each) for each in condition["items"])
    if condition["op"] == "and":
        return all(meets(row, each) for each in condition["items"])
    value = row.get(condition["field"])
    if condition["op"] == "notExist":
        return value is None
    return value is not None and OPERATORS[condition["op"]](value, condition.get("value"))


class Run:
    """One run of the tap, stream by stream as selected.

    Args:
        handler: The Autotask to read.
        stream: The one stream that is selected.
        state: What the last run left.
        abort_after: Stop as a signal does, after so many records.
        deselected: Columns, or columns of columns, that the catalog leaves out.
        full: Whether the catalog asks for everything.
        settings: Settings beside the credentials.
    """

    def __init__(
        self,
        handler: Callable[[requests.PreparedRequest], Reply],
        stream: str = "expanded_invoices",
        state: Row | None = None,
        abort_after: int | None = None,
        deselected: Sequence[tuple[str, ...]] = (),
        *,
        full: bool = False,
        **settings: Any,
    ) -> None:
        client, self.autotask, _ = client_of(handler, page_size=settings.pop("page_size", 500))
        config = {"username": "u", "secret": "s", "integration_code": "c", "read_metadata": False, **settings}
        tap = TapAutotask(config=config, state=json.loads(json.dumps(state or {})))
        tap.__dict__["client"] = client
        for path in deselected:
            tap.streams[stream].metadata[path].selected = False
        for each in tap.streams.values():
            each.selected = each.name == stream
            each.forced_replication_method = "FULL_TABLE" if full else None
        out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
        with contextlib.redirect_stdout(out), contextlib.suppress(SystemExit):
            _abort(tap, abort_after)
            tap.sync_all()
        out.seek(0)
        self.messages = [json.loads(line) for line in out]
        self.records = [message["record"] for message in self.messages if message["type"] == "RECORD"]
        self.ids = [record["id"] for record in self.records]
        states = [message["value"] for message in self.messages if message["type"] == "STATE"]
        self.state: Row = states[-1] if states else {}

    @property
    def bookmark(self) -> Row:
        """The state of the one stream."""
        (bookmark,) = self.state["bookmarks"].values()
        return dict(bookmark)

    @property
    def calls(self) -> list[str]:
        """The paths of all calls."""
        return [path.rpartition("/V1.0/")[2] for path in self.autotask.paths]


def _abort(tap: TapAutotask, after: int | None) -> None:
    writer, left = tap.message_writer, iter(range(after or 0))
    write = writer.write_message

    def counting(message: Any) -> None:
        write(message)
        if after is not None and message.type == "RECORD" and next(left, None) is None:
            tap._handle_termination(15, None)

    writer.write_message = counting  # type: ignore[method-assign]
