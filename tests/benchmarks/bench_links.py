"""How good and how fast proposing links is: 1,500 companies and 1,400 accounts of which the truth is known.

Run it with ``.venv/bin/python -m pytest tests/benchmarks/bench_links.py``.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from tests.transfer_ledger.figures import measure
from tests.transfer_ledger.parties import make_truth
from transfer_ledger.links.propose import propose

if TYPE_CHECKING:
    from collections.abc import Callable

    from transfer_ledger.links.propose import Proposals

MOST_SECONDS = 5


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_links(benchmark: Callable[..., Proposals], capsys: pytest.CaptureFixture[str], seed: int) -> None:
    """Proposing links for a whole administration takes seconds, and no certain one is wrong."""
    truth = make_truth(seed)
    seconds: list[float] = []

    def timed() -> Proposals:
        begun = time.perf_counter()
        proposals = propose(truth.companies, truth.accounts)
        seconds.append(time.perf_counter() - begun)
        return proposals

    figures = measure(truth, benchmark(timed))
    with capsys.disabled():
        print(  # noqa: T201 - a benchmark is run for what it prints
            f"\nseed {seed}: {len(truth.companies)} x {len(truth.accounts)}, {figures.true} true pairs,"
            f" {min(seconds):.2f} s"
            f"\n  first candidate: precision {figures.precision:.1%}, recall {figures.recall:.1%}"
            f" (shown at all {figures.right_shown / figures.true:.1%},"
            f" {figures.candidates / len(truth.companies):.2f} candidates a company)"
            f"\n  certain:         precision {figures.certain_precision:.1%}, recall {figures.certain_recall:.1%}"
            f" ({figures.certain} pairs, {len(figures.wrong)} wrong)"
        )
    assert figures.wrong == ()
    assert min(seconds) < MOST_SECONDS
