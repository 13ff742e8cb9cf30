"""How good proposals are, measured by a known truth."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from tests.transfer_ledger.parties import Truth
    from transfer_ledger.links.propose import Candidate, Proposals


class Figures(NamedTuple):
    """Counts over companies; ``true``: those that have an account, or several."""

    true: int
    proposed: int
    """Companies with a candidate."""
    right_first: int
    """Companies whose best candidates are all this company."""
    right_shown: int
    """Companies with the right account among their candidates."""
    candidates: int
    certain: int
    wrong: tuple[Candidate, ...]
    """Certain candidates that are somebody else."""

    @property
    def recall(self) -> float:
        """Part of the true pairs that is ranked first."""
        return self.right_first / self.true

    @property
    def precision(self) -> float:
        """Part of the first candidates that is right."""
        return self.right_first / self.proposed

    @property
    def certain_recall(self) -> float:
        """Part of the true pairs that needs no person."""
        return (self.certain - len(self.wrong)) / self.true

    @property
    def certain_precision(self) -> float:
        """Part of the certain pairs that is right."""
        return 1 - len(self.wrong) / max(self.certain, 1)


def measure(truth: Truth, proposals: Proposals) -> Figures:
    """Compare what was proposed with what is true."""
    partners = truth.partners()
    shown = {each.company.id: {one.account.id for one in each.candidates} for each in proposals.companies}
    best = {each.company.id: {one.account.id for one in each.best} for each in proposals.companies if each.candidates}
    certain = proposals.certain
    return Figures(
        true=len(partners),
        proposed=len(best),
        right_first=sum(
            bool(best.get(company)) and best[company] <= accounts for company, accounts in partners.items()
        ),
        right_shown=sum(bool(shown[company] & accounts) for company, accounts in partners.items()),
        candidates=sum(map(len, shown.values())),
        certain=len(certain),
        wrong=tuple(each for each in certain if each.account.id not in partners.get(each.company.id, ())),
    )
