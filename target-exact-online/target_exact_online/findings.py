"""What is wrong with a document, found before anything is sent: collected, so that one run shows all of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from transfer_ledger.documents import UNDECIDED, Problem
from transfer_ledger.exceptions import Ambiguous, DocumentFailed

if TYPE_CHECKING:
    from target_exact_online.master_data import MasterLists, Resource
    from transfer_ledger.ledger import MasterRow


class Findings:
    """Problems of one document, with advice, and the lists of codes that were asked for them.

    ``used`` are all lists that were looked into, ``blamed`` those whose newest state might take a problem away.
    """

    def __init__(self, lists: MasterLists) -> None:
        self.lists = lists
        self.problems: list[Problem] = []
        self.used: set[Resource] = set()
        self.blamed: set[Resource] = set()
        self._advice: list[str] = []
        self._candidates: list[str] = []

    def add(
        self, problem: Problem, advice: str, *, blame: Resource | None = None, candidates: tuple[str, ...] = ()
    ) -> None:
        """Note a problem; what several lines have in common is told once, of the first of them."""
        if all(problem.message != known.message for known in self.problems):
            self.problems.append(msgspec.structs.replace(problem, advice=advice))
            self._candidates += candidates
        if advice not in self._advice:
            self._advice.append(advice)
        if blame is not None:
            self.blamed.add(blame)

    def row(
        self, resource: Resource, field: str, code: str, setting: str | None, *, paste: str | None = None
    ) -> MasterRow | None:
        """Return the one row with this code, or note that there is none, or more than one.

        ``paste`` is what to set so that a missing one would not matter.
        """
        self.used.add(resource)
        rows = self.lists.rows(resource, code)
        if len(rows) == 1:
            return rows[0]
        if not rows:
            message = f"Exact Online has no {resource.what} {code}"
            problem = Problem(field=field, value=code, message=message, setting=setting, paste=paste)
            create = f"Create {resource.what} {code} in Exact Online, {resource.instead}."
            choose = f"Choose the {resource.what} in the settings, where the ? stands."
            self.add(problem, choose if code == UNDECIDED else create, blame=resource)
            return None
        found = tuple(f"{row.data.get('Name') or resource.what} ({row.id})" for row in rows)
        message = f"Exact Online has {len(rows)} of {resource.what} {code}: {', '.join(found)}"
        problem = Problem(field=field, value=code, message=message, setting=setting)
        self.add(
            problem, f"Keep one {resource.what} with code {code} in Exact Online.", blame=resource, candidates=found
        )
        return None

    def by_id(self, resource: Resource, row_id: str) -> MasterRow | None:
        """Return the row with this id."""
        self.used.add(resource)
        return self.lists.row(resource, row_id)

    def failure(self) -> DocumentFailed:
        """Return the error that tells all problems and what to do about them."""
        advice = " ".join(self._advice)
        if self._candidates:
            return Ambiguous(self.problems, advice, candidates=self._candidates)
        return DocumentFailed(self.problems, advice)
