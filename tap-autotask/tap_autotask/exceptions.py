"""What can go wrong at Autotask, by what is to be done about it."""

from __future__ import annotations

from singer_sdk.exceptions import FatalAPIError, RetriableAPIError, SkippableAPIError


class StopRun(FatalAPIError):  # noqa: N818 - named by what is to be done
    """The run must stop: no further call can do better until a person has changed something."""


class SignInRefused(FatalAPIError):  # noqa: N818
    """Autotask did not accept the credentials (401). Never repeat it in a loop: the API user gets locked."""


class Refused(SkippableAPIError):  # noqa: N818
    """This one request was refused; others may well succeed.

    Args:
        message: What was asked and what Autotask said.
        status: The HTTP status.
    """

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class PassingFault(RetriableAPIError):  # noqa: N818
    """The same request may succeed later.

    Args:
        message: What happened.
        retry_after: Seconds Autotask asks to wait, where it says so.
        hourly: The calls of the hour are used up, so that a short wait does not help.
    """

    def __init__(self, message: str, retry_after: float | None = None, *, hourly: bool = False) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.hourly = hourly
