"""What can go wrong with Exact Online, by what the caller should do about it.

::

    ExactOnlineError
    ├── StopRun            nothing further will succeed in this run
    │   ├── ConsentNeeded  the refresh token is dead: a person signs in again
    │   ├── SignInFailed   the token endpoint refuses this client, or the token store cannot be used
    │   ├── Unauthorized   the access token is not accepted, nor the next one (401)
    │   ├── DayLimit       today's calls are used up; ``resets_at`` says until when
    │   ├── RateLimited    the calls of this minute are used up, and waiting did not help
    │   ├── Blocked        an endpoint gave too many errors: one more may block the key for an hour
    │   ├── Forbidden      rights, licence or division; ``reason`` is Exact's own word
    │   ├── NotFound       the endpoint is not in the licence, or a division or id that does not exist
    │   └── Unavailable    no usable answer to a read, or no connection, after several tries
    ├── Refused            this request only: Exact's validation said no
    │   └── Malformed      this request only: Exact did not understand it (400)
    └── Unanswered         a write whose outcome is unknown: look before writing again
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    import datetime as dt


class ExactOnlineError(Exception):
    """A request to Exact Online did not succeed.

    ``status`` is the HTTP status (None without an answer), ``reason`` Exact's ``Reason`` header, ``text`` Exact's own
    message, in the language of the user.
    """

    def __init__(self, message: str, *, status: int | None = None, reason: str = "", text: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason
        self.text = text


class StopRun(ExactOnlineError):  # noqa: N818 - named after what to do
    """Nothing further will succeed in this run."""


class ConsentNeeded(StopRun):
    """The refresh token is dead: a person has to sign in again."""


class SignInFailed(StopRun):
    """The token endpoint refuses this client, or the token store cannot be used."""


class Unauthorized(StopRun):
    """The access token is not accepted (401)."""


class RateLimited(StopRun):
    """The calls of this minute are used up (429)."""


class DayLimit(StopRun):
    """Today's calls are used up."""

    def __init__(self, message: str, *, resets_at: dt.datetime | None = None, status: int | None = None) -> None:
        super().__init__(message, status=status)
        self.resets_at = resets_at


class Blocked(StopRun):
    """An endpoint gave so many errors that one more may block the key (10 an hour; docs.maesn.com/rate-limits)."""


class Forbidden(StopRun):
    """Rights, licence or division (403)."""


class NotFound(StopRun):
    """An endpoint that is not in the licence, or a division or id that does not exist (404)."""


class Unavailable(StopRun):
    """No usable answer to a read, or no connection, after several tries."""


class Refused(ExactOnlineError):  # noqa: N818 - named after what Exact did
    """Exact's validation said no to this request; status 500 as a rule (picqer/exact-php-client#249)."""


class Malformed(Refused):
    """Exact did not understand this request (400)."""


class Unanswered(ExactOnlineError):  # noqa: N818 - named after what is known
    """A write whose outcome is unknown."""


_Error = TypeVar("_Error", bound=ExactOnlineError)


def advised(error: _Error, about: str, advice: str) -> _Error:
    """Return an error of the same class about the same answer, which names what it stopped and what to do."""
    message = f"{about}: {str(error).rstrip('.')}. {advice}"
    return type(error)(message, status=error.status, reason=error.reason, text=error.text)
