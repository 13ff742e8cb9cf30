"""Writes of which some may be forbidden: a missing right fails what needs it, once asked, and the others go on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tap_exact_online import exceptions
from target_exact_online.translation import writing
from transfer_ledger.documents import Problem
from transfer_ledger.exceptions import DocumentFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from uuid import UUID

    from tap_exact_online.client import Client

VERBS = {"POST": "create", "PUT": "change"}


class Permissions:
    """Creates and changes rows, and remembers which of that is not allowed.

    Exact blocks an endpoint after ten errors an hour (docs.maesn.com/rate-limits), so what it forbade once is not
    asked again in a run.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._forbidden: dict[tuple[str, str], str] = {}

    def create(self, resource: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Create a row and return what Exact answers.

        Raises:
            DocumentFailed: refused, or not allowed.
            Unanswered: it may have been created or not.
            StopRun: nothing can be sent now.
        """
        answer: dict[str, Any] = self._send("POST", resource, lambda: self._client.create(resource, body))
        return answer

    def update(self, resource: str, key: UUID, body: Mapping[str, Any], name: str) -> None:
        """Change a row, which messages call by this name; raises as ``create`` does."""
        try:
            self._send("PUT", resource, lambda: self._client.update(resource, key, body))
        except _Gone as gone:
            message = f"{name} is not there any more: it was deleted in Exact Online, or its right was taken away"
            problem = Problem(field="exact_online", value=str(key), message=message)
            raise DocumentFailed([problem], "Look for it in Exact Online, and end the link if it is gone.") from gone

    def _send(self, method: str, resource: str, send: Callable[[], Any]) -> Any:
        said = self._forbidden.get((method, resource))
        if said is not None:
            raise _no_right(method, resource, said)
        with writing():
            try:
                return send()
            except exceptions.Forbidden as error:
                self._forbidden[method, resource] = str(error)
                raise _no_right(method, resource, str(error)) from error
            except exceptions.NotFound as error:
                if method == "PUT":
                    raise _Gone from error
                raise


class _Gone(Exception):  # noqa: N818 - named by what is known
    """The row that was to be changed is not there."""


def _no_right(method: str, resource: str, said: str) -> DocumentFailed:
    verb = VERBS[method]
    message = f"Exact Online does not let this user {verb} {resource}: {said}"
    advice = f"Give the user who gave consent the right to {verb} {resource} in Exact Online."
    return DocumentFailed([Problem(field="exact_online", value="403", message=message)], advice)
