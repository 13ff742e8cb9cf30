"""What the token endpoint of Exact Online answers, and what that means."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Literal

from tap_exact_online import odata
from tap_exact_online.answers import readable
from tap_exact_online.token_store import Tokens

if TYPE_CHECKING:
    from tap_exact_online.answers import Answer
    from tap_exact_online.limits import ServerClock

LIFE = 600.0
"""Seconds an access token lives when the answer does not say."""
RENEWABLE_PART = 0.95
"""A renewal is refused in the first 570 of 600 seconds (docs.maesn.com/rate-limits)."""

Verdict = Literal["early", "used", "dead", "client", "again", "refused"]

_SIGNS: dict[str, Verdict] = {
    "tooearlytorefresh": "early",
    "access_token not expired": "early",
    "access token not expired": "early",
    "old refresh token used": "used",
    "refresh token expired": "dead",
    "chainid": "dead",
}
_ERRORS: dict[str, Verdict] = {"invalid_grant": "dead", "invalid_request": "client", "invalid_client": "client"}


def holds_pair(answer: Answer) -> bool:
    """Whether both tokens are in the answer, whatever its status (picqer/exact-php-client#559)."""
    body = _decoded(answer)
    return all(isinstance(body.get(name), str) and body[name] for name in ("access_token", "refresh_token"))


def pair_in(answer: Answer, clock: ServerClock, seeds: list[str]) -> Tokens:
    """Return the token pair of an answer that holds one, dated by Exact's clock."""
    body, issued = _decoded(answer), clock.latest()
    life = _seconds(body.get("expires_in"))
    return Tokens(
        access_token=body["access_token"],
        refresh_token=body["refresh_token"],
        issued_at=issued,
        expires_at=issued + life,
        renew_from=issued + life * RENEWABLE_PART,
        seeds=seeds,
        clock_difference=clock.difference,
    )


def verdict_on(answer: Answer) -> Verdict:
    """Tell what a refused renewal means.

    ``early``: go on with the token there is. ``used``: another process may hold the next. ``dead``: consent again.
    ``client``: id or secret is wrong. ``again``: no answer one can rely on. Texts: websmurf/laravel-exact-online#23,
    #25, #31 and picqer/exact-php-client#553, #644.
    """
    body = _decoded(answer)
    error = str(body.get("error", ""))
    text = f"{answer.headers.get('Reason', '')} {body.get('error_description', '')}".lower()
    known = next((verdict for sign, verdict in _SIGNS.items() if sign in text), None)
    passing = answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR or answer.status == HTTPStatus.TOO_MANY_REQUESTS
    if known or not error or passing:
        return known or "again"
    return _ERRORS.get(error, "refused")


def said(answer: Answer) -> str:
    """Return status and texts of an answer for a message; never a token."""
    body = _decoded(answer)
    parts = (str(answer.status), str(body.get("error", "")), str(body.get("error_description", "")))
    return readable(": ".join(part for part in parts if part))


def _decoded(answer: Answer) -> dict[str, Any]:
    try:
        body = odata.decode(answer.body)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _seconds(expires_in: Any) -> float:
    """Read ``expires_in``, which is text."""
    try:
        seconds = float(expires_in)
    except (TypeError, ValueError):
        return LIFE
    return seconds if 0 < seconds < float("inf") else LIFE
