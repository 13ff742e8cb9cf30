"""What is wrong with a document, found before anything is sent: collected, so that one run shows all of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from target_exact_globe import characters
from transfer_ledger import texts
from transfer_ledger.documents import UNDECIDED, Problem
from transfer_ledger.exceptions import Ambiguous, DocumentFailed

if TYPE_CHECKING:
    from target_exact_globe.answers import Row
    from target_exact_globe.lists import Codes, Lists


class Findings:
    """Problems of one document, with advice.

    Args:
        lists: Globe's codes; None: Globe cannot be asked, and only what is known without it is checked.
    """

    def __init__(self, lists: Lists | None) -> None:
        self.lists = lists
        self.problems: list[Problem] = []
        self._advice: list[str] = []
        self._candidates: list[str] = []

    def add(self, field: str, value: str, message: str, advice: str, setting: str | None = None) -> None:
        """Note a problem; what several lines have in common is told once, of the first of them."""
        if all(message != known.message for known in self.problems):
            problem = Problem(field=field, value=value, message=message, setting=setting, advice=advice)
            self.problems.append(problem)
        if advice not in self._advice:
            self._advice.append(advice)

    def row(self, codes: Codes, field: str, code: str, setting: str | None = None) -> Row | None:
        """Return the one row with this code; None, with a problem noted, when there is none or more than one."""
        if self.lists is None:
            return None
        rows = self.lists.rows(codes, code)
        if len(rows) == 1:
            return rows[0]
        what = codes.what
        if not rows:
            create = f"Create {what} {code} in Globe, or map to another."
            choose = f"Choose the {what} in the settings, where the ? stands."
            message = f"Exact Globe has no {what} {code}"
            self.add(field, code, message, choose if code == UNDECIDED else create, setting)
            return None
        self._candidates += [", ".join(f"{name} {row[name]}" for name in codes.select if row.get(name)) for row in rows]
        message = f"Exact Globe has {len(rows)} of {what} {code}"
        self.add(field, code, message, f"Keep one {what} with code {code} in Globe.", setting)
        return None

    def code(self, field: str, code: str, length: int, setting: str | None = None) -> None:
        """Note a code that Globe cannot hold as it is: codes are never cut and never replaced."""
        unfit = characters.strangers(code, "replace")
        if unfit:
            shown = " ".join(characters.spelled(one) for one in unfit)
            message = f"{field} {code!r} has characters that Exact Globe may not hold: {shown}"
            self.add(field, code, message, "Use a code of plain characters.", setting)
        if not 0 < texts.width(code) <= length:
            message = f"{field} {code!r} has {texts.width(code)} characters, Exact Globe holds 1 to {length}"
            self.add(field, code, message, "Use a shorter code.", setting)

    def failure(self) -> DocumentFailed:
        """Return the error that tells all problems and what to do about them."""
        advice = " ".join(self._advice)
        if self._candidates:
            return Ambiguous(self.problems, advice, candidates=self._candidates)
        return DocumentFailed(self.problems, advice)
