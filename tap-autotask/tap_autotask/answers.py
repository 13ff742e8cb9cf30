"""What Autotask's answers mean: pure functions from status, headers and bytes."""

from __future__ import annotations

import datetime as dt
import json
import re
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import msgspec

from tap_autotask.exceptions import PassingFault, Refused, SignInRefused, StopRun

if TYPE_CHECKING:
    from collections.abc import Mapping

OK = 200
PASSING = {408, 425, 429, 502, 503, 504}
HOURLY = re.compile(r"(?<!thread )threshold", re.IGNORECASE)
BUSY = re.compile(r"threshold|deadlock|time[d -]*out", re.IGNORECASE)
"""Texts of a 500 that passes by itself (msoukhomlinov/n8n-nodes-autotask#4, WYRE-AI/autotask-mcp#69)."""

ADVICE = {
    "integrationcode is invalid": "Check the setting integration_code.",
    "zone information could not be determined": "Autotask does not know the user: check the setting username.",
}
"""Texts of a 500 after which no other call can succeed (apigrate/autotask-restapi, KelvinTegelaar/AutotaskAPI#17)."""

RIGHTS = "adequate permissions"
MAX_SHOWN = 500

_decoder = msgspec.json.Decoder(float_hook=Decimal)


def parse(body: bytes) -> Any:
    r"""Read a JSON body: fractions as ``Decimal`` with the text of the wire, text without NUL.

    NUL occurs in Autotask's texts and PostgreSQL refuses it; half a surrogate pair occurs where a text was cut in the
    middle of an emoji, and is no UTF-8: it becomes the replacement character.

    Raises:
        ValueError: The body is no JSON.
    """
    try:
        value = _decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        value = json.loads(body.decode("utf-8", "replace"), parse_float=Decimal)
        return _cleaned(value)
    return _cleaned(value) if rb"\u0000" in body else value


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_cleaned(item) for item in value]
    if isinstance(value, dict):
        return {key: _cleaned(item) for key, item in value.items()}
    return value


def judge(what: str, status: int, headers: Mapping[str, str], body: bytes) -> None:
    """Return when the answer is good, else raise what is to be done about it.

    Nearly every failure is a 500, so its text decides (Autotask REST docs; all public clients).

    Args:
        what: What was asked, for the message.
        status: The HTTP status.
        headers: The headers, for Retry-After.
        body: Read only when the status is not 200.

    Raises:
        SignInRefused: 401.
        PassingFault: The same request may succeed later.
        StopRun: No request can succeed.
        Refused: This request is refused.
    """
    if status == OK:
        return
    texts = errors(body)
    said = f"{what}: Autotask answered {status}" + (f": {' | '.join(texts)}" if texts else "")
    _refuse_to_follow(said, status, headers)
    if status in PASSING or _is_passing(status, texts):
        hourly = bool(HOURLY.search(" ".join(texts)))
        raise PassingFault(said, retry_after(headers), hourly=hourly)
    _stop_where_needed(said, texts)
    advice = " Give the API user's security level the right to it." if RIGHTS in said else ""
    raise Refused(said + advice, status)


def _refuse_to_follow(said: str, status: int, headers: Mapping[str, str]) -> None:
    if status == 401:  # noqa: PLR2004
        raise SignInRefused(said)
    if 300 <= status < 400:  # noqa: PLR2004
        target = headers.get("Location", "").split("?")[0]
        raise StopRun(f"{said}, a redirect to {shown(target)!r}, which is not followed. Check api_url and zone_url.")


def _is_passing(status: int, texts: list[str]) -> bool:
    if status >= 500:  # noqa: PLR2004
        return not texts or bool(BUSY.search(" ".join(texts)))
    return False


def _stop_where_needed(said: str, texts: list[str]) -> None:
    joined = " ".join(texts).lower()
    for text, advice in ADVICE.items():
        if text in joined:
            raise StopRun(f"{said}. {advice}")


def errors(body: bytes) -> list[str]:
    """Return the texts of an error body: ``{"errors": [...]}`` or ``{"Message": ...}``; none of an HTML page."""
    try:
        answer = parse(body)
    except ValueError:
        return []
    if not isinstance(answer, dict):
        return []
    listed = answer.get("errors")
    texts = listed if isinstance(listed, list) else [answer.get("Message"), answer.get("message")]
    return [shown(text) for text in texts if isinstance(text, str) and text]


def shown(text: str) -> str:
    """Return a stranger's text fit for a log line: printable, on one line, not endless."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= MAX_SHOWN else line[:MAX_SHOWN] + "…"


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds of a Retry-After header, which holds seconds or a date; None when there is none to use."""
    text = headers.get("Retry-After", "").strip()
    if re.fullmatch(r"\d{1,9}(\.\d+)?", text):
        return float(text)
    until, at = _date(text), date(headers)
    if until is None:
        return None
    return max(0.0, (until - (at or dt.datetime.now(dt.UTC))).total_seconds())


def date(headers: Mapping[str, str]) -> dt.datetime | None:
    """Return the server's clock as its Date header tells it, in UTC."""
    return _date(headers.get("Date", ""))


def _date(text: str) -> dt.datetime | None:
    try:
        value = parsedate_to_datetime(text)
    except ValueError:
        return None
    return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)
