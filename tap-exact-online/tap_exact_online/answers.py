"""What an answer of Exact Online means: one function from status, headers and body to the rows or the error."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from tap_exact_online import odata
from tap_exact_online.exceptions import (
    DayLimit,
    ExactOnlineError,
    Forbidden,
    Malformed,
    NotFound,
    RateLimited,
    Refused,
    StopRun,
    Unanswered,
    Unauthorized,
    Unavailable,
)
from tap_exact_online.limits import spent_window

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_TEXT = 2000
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")

_BY_STATUS: dict[int, tuple[type[ExactOnlineError], str]] = {
    HTTPStatus.UNAUTHORIZED: (Unauthorized, "the access token is not accepted"),
    HTTPStatus.FORBIDDEN: (
        Forbidden,
        "no access: check `division`, the rights of the user who gave consent, and the licence",
    ),
    HTTPStatus.NOT_FOUND: (NotFound, "not found: check `division` and whether the licence holds this part"),
}


@dataclass(frozen=True)
class Answer:
    """A complete answer; ``headers`` are read without regard to case by whoever makes it."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


def read_answer(method: str, endpoint: str, answer: Answer) -> odata.Page:
    """Return the rows of an answer; none after a change, which answers nothing (204).

    Raises:
        ExactOnlineError: the answer is no success, or not readable; the class says what to do.
    """
    if not HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES:
        raise error_of(method, endpoint, answer)
    if method == "PUT" or answer.status == HTTPStatus.NO_CONTENT:
        return odata.Page([], None)
    try:
        return odata.page(odata.decode(answer.body))
    except ValueError as error:
        raise lost(method, endpoint, f"the answer cannot be read ({readable(str(error))})", answer.status) from error


def error_of(method: str, endpoint: str, answer: Answer) -> ExactOnlineError:
    """Return the error that an unsuccessful answer stands for.

    Validation comes with status 500 and a message (picqer/exact-php-client#249), so a message makes a refusal of
    whatever status; a 408 or 5xx without one says nothing about a write.
    """
    text, status, reason = message_of(answer.body), answer.status, answer.headers.get("Reason", "")
    about: dict[str, Any] = {"status": status, "reason": reason, "text": text}
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return _limit(endpoint, answer)
    if status < HTTPStatus.BAD_REQUEST:
        return StopRun(
            f"{endpoint}: Exact Online redirects ({status}); nothing is sent elsewhere. Check `api_url`.", **about
        )
    if status in _BY_STATUS:
        kind, hint = _BY_STATUS[status]
        return kind(f"{endpoint}: {hint} ({status}{_tail(reason, text)})", **about)
    if status == HTTPStatus.REQUEST_TIMEOUT or (status >= HTTPStatus.INTERNAL_SERVER_ERROR and not text):
        return lost(method, endpoint, f"status {status}{_tail(reason)}", status)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Refused(text, **about)
    return Malformed(text or f"{endpoint}: Exact Online does not understand the request ({status})", **about)


def lost(method: str, endpoint: str, what: str, status: int | None = None) -> ExactOnlineError:
    """Return the error for an answer that did not come: a read is harmless, a write has an unknown outcome."""
    if method == "GET":
        return Unavailable(f"{endpoint}: {what}; tried several times. Run again later.", status=status)
    return Unanswered(
        f"{endpoint}: {what}, so it is unknown whether Exact Online did it. It is looked up before anything is sent "
        "again.",
        status=status,
    )


def message_of(body: bytes) -> str:
    """Return Exact's own message from an error body, or nothing; control characters out, long ones shortened."""
    try:
        decoded = odata.decode(body)
    except ValueError:
        return ""
    error = decoded.get("error") if isinstance(decoded, dict) else None
    message = error.get("message") if isinstance(error, dict) else None
    value = message.get("value") if isinstance(message, dict) else message
    return readable(value) if isinstance(value, str) else ""


def readable(text: str) -> str:
    """Return a text from outside fit for a log line: several messages apart by ``; ``, shortened with its length."""
    lines = [_CONTROL.sub("", line).strip() for line in text.splitlines()]
    joined = "; ".join(line for line in lines if line)
    return joined if len(joined) <= LONGEST_TEXT else f"{joined[:LONGEST_TEXT]}... ({len(joined)} characters)"


def _limit(endpoint: str, answer: Answer) -> ExactOnlineError:
    if spent_window(answer.headers) == "day":
        return DayLimit(f"{endpoint}: the calls of today are used up", status=answer.status)
    return RateLimited(
        f"{endpoint}: the calls of this minute are used up, and still were after several waits. Other programs may "
        "use the same quota: run again later, or raise `minute_reserve`.",
        status=answer.status,
    )


def _tail(*parts: str) -> str:
    return "".join(f"; {readable(part)}" for part in parts if part)
