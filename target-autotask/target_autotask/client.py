"""The client of the tap, for writing: what may have been carried out is not sent again."""

from __future__ import annotations

import dataclasses
import re
from contextlib import contextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from tap_autotask import exceptions
from tap_autotask.auth import Credentials
from tap_autotask.client import AutotaskClient, Options
from transfer_ledger.exceptions import StopRun, Unanswered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

USER_AGENT = f"target-autotask/{version('target-autotask')}"
QUESTIONS = ("/query", "/query/count")
TURNED_AWAY = re.compile(r"answered 429|threshold", re.IGNORECASE)
"""A call above the thread or the hourly limit is refused before any work (Autotask docs, Thread limiting)."""


class WritingClient(AutotaskClient):
    """The tap's client with creates that are sent once: a POST repeated after a lost answer would make a second row."""

    def create(self, path: str, body: Mapping[str, Any]) -> int:
        """Create a row and return its id.

        Args:
            path: ``Companies``, or ``Companies/5/Contacts`` below a parent.
            body: The fields, money as ``msgspec.Raw``.

        Raises:
            Refused: Autotask did not create it.
            Unanswered: It may have been created or not.
        """
        answer = self.call("POST", path, body)
        created = answer.get("itemId") if isinstance(answer, dict) else None
        if not isinstance(created, int):
            raise Unanswered(f"POST {path}: Autotask answered 200 without an itemId")
        return created

    def update(self, path: str, body: Mapping[str, Any]) -> None:
        """Change the given fields of the row whose ``id`` is in the body; doing it twice does no harm.

        Raises:
            Refused: Autotask did not change it.
        """
        self.call("PATCH", path, body)

    @override
    def _once(self, request: Any) -> Any:
        try:
            return super()._once(request)
        except exceptions.PassingFault as fault:
            creates = request.method == "POST" and not request.what.endswith(QUESTIONS)
            if not creates or TURNED_AWAY.search(str(fault)):
                raise
            raise Unanswered(str(fault)) from fault


def connect(config: Mapping[str, Any], sleep: Callable[[float], None]) -> WritingClient:
    """Return the client that the settings describe; nothing is sent yet.

    Args:
        config: The settings of ``settings.SETTINGS``.
        sleep: Waits so many seconds; what it raises ends the call.
    """
    credentials = Credentials(config["username"], config["secret"], config["integration_code"])
    limits = dataclasses.replace(
        Options().limits,
        max_retries=config["max_retries"],
        max_wait_minutes=config["max_wait_minutes"],
        hourly_share=config["hourly_percent"] / 100,
        threshold_every=config["hourly_check_calls"],
    )
    options = Options(
        api_url=config["api_url"],
        zone_url=config.get("zone_url"),
        user_agent=USER_AGENT,
        timeout_seconds=config["timeout_seconds"],
        limits=limits,
    )
    return WritingClient(credentials, options, sleep=sleep)


@contextmanager
def stopping() -> Iterator[None]:
    """Tell the end of the run in the ledger's terms."""
    try:
        yield
    except (exceptions.StopRun, exceptions.SignInRefused) as error:
        raise StopRun(str(error)) from error
