"""Every document exactly once and none lost, whatever happens and wherever a run is killed."""

from __future__ import annotations

import logging
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from typing_extensions import override

from tests.transfer_ledger import remote as remote_module
from tests.transfer_ledger.remote import ADMINISTRATION, KIND, Killed, Remote, bury, invoice, missing_vat_code
from tests.transfer_ledger.remote import protocol_for as new_run
from transfer_ledger import ledger as ledger_module
from transfer_ledger import protocol
from transfer_ledger.documents import VoidPolicy
from transfer_ledger.ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from transfer_ledger.documents import Problem, SalesInvoice

WATCHED = {module.__file__ for module in (protocol, ledger_module, remote_module)}
HOW = ("answer", "refuse", "lie", "stop", "drop", "lose", "bug", "bug_after", "ask_drop", "ask_stop")


class Killer:
    """Ends the process, so to speak, before the given line of the protocol, the ledger or the receiving system."""

    def __init__(self, line: int | None) -> None:
        self.line = line
        self.passed = 0
        self.tracer = sys.gettrace()

    def __enter__(self) -> None:
        sys.settrace(self._enter)

    def __exit__(self, *_: object) -> None:
        sys.settrace(self.tracer)

    def _enter(self, frame: FrameType, *_: object) -> Any:
        return self._step if frame.f_code.co_filename in WATCHED else None

    def _step(self, _: FrameType, event: str, __: object) -> Any:
        if event == "line":
            self.passed += 1
            if self.passed == self.line:
                sys.settrace(self.tracer)
                raise Killed
        return self._step


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)


def offer(ledger: Ledger, remote: Remote, document: SalesInvoice, *, kill_at: int | None = None) -> int:
    """Offer a document in a run of its own that may be killed; return how many lines it took."""
    killer = Killer(kill_at)
    run = new_run(ledger, remote)
    try:
        with killer:
            run.offer(document)
    except Killed:
        ledger.close()
        bury(ledger)
    return killer.passed


@pytest.mark.parametrize("how", ["answer", "lose"])
def test_killed_before_any_line(new_sqlite: Callable[[], str], how: str) -> None:
    """A run killed before any line leaves a document that the next run finishes: written once, printed once."""
    ledger, remote = Ledger.open(new_sqlite()), Remote()
    remote.script.append(how)
    lines = offer(ledger, remote, invoice(0, definitive=True))
    for line in range(1, lines + 1):
        document = invoice(line, definitive=True)
        remote.script.append(how)
        offer(ledger, remote, document, kill_at=line)
        remote.script.clear()
        offer(ledger, remote, document)
        assert ledger.open_sources(ADMINISTRATION, KIND) == [], line
    assert lines > 100
    assert remote.references() == {invoice(line).reference: 1 for line in range(lines + 1)}
    assert {held.prints for held in remote.held.values()} == {1}
    ledger.close()


class Books(RuleBasedStateMachine):
    """Four invoices, any mishap at any time, and runs that come after each other."""

    new_ledger: Callable[[], Ledger]

    def __init__(self) -> None:
        super().__init__()
        self.ledger = type(self).new_ledger()
        self.remote = Remote()
        self.documents = {number: invoice(number, definitive=number % 2 == 0) for number in range(1, 5)}

    @rule(
        number=st.integers(1, 4),
        script=st.lists(st.sampled_from(HOW), max_size=3),
        kill_at=st.none() | st.integers(1, 300),
    )
    def a_run(self, number: int, script: list[str], kill_at: int | None) -> None:
        """Offer one document, with these mishaps, and perhaps with a kill."""
        self.remote.script.clear()
        self.remote.script.extend(script)
        offer(self.ledger, self.remote, self.documents[number], kill_at=kill_at)
        self.remote.script.clear()

    @rule(number=st.integers(1, 4), policy=st.sampled_from(get_args(VoidPolicy)))
    def a_void(self, number: int, policy: VoidPolicy) -> None:
        """Void a document in the source system."""
        self.documents[number].voided = True
        self.documents[number].when_voided = policy

    @rule(number=st.integers(1, 4), problems=st.sampled_from([[], [missing_vat_code()]]))
    def a_problem_comes_or_goes(self, number: int, problems: list[Problem]) -> None:
        """Change the settings of the mapper."""
        self.documents[number].problems = problems

    @rule(number=st.integers(1, 4), description=st.sampled_from(["", "Oktober", "November"]))
    def a_change(self, number: int, description: str) -> None:
        """Change a document in the source system."""
        self.documents[number].description = description

    @rule()
    def the_ledger_is_lost(self) -> None:
        """Run on with a new ledger."""
        self.ledger.close()
        self.ledger = type(self).new_ledger()

    @invariant()
    def nothing_is_there_twice(self) -> None:
        """Look at the books of the receiving system."""
        assert all(count == 1 for count in self.remote.references().values()), self.remote.references()
        assert all(held.prints <= 1 for held in self.remote.held.values())

    @override
    def teardown(self) -> None:
        """Let two quiet runs finish the work, then look whether all of it arrived."""
        for document in self.documents.values():
            document.problems = []
            offer(self.ledger, self.remote, document)
            offer(self.ledger, self.remote, document)
        assert self.ledger.open_sources(ADMINISTRATION, KIND) == []
        there = self.remote.references()
        for document in self.documents.values():
            if not document.voided:
                assert there[document.reference] == 1
            elif document.when_voided == "credit":
                assert there[f"{document.reference}-void"] == there[document.reference]
        self.nothing_is_there_twice()
        self.ledger.close()


def test_any_history_ends_well(sqlite_template: Path) -> None:
    """After any sequence of mishaps, kills, voids, changes and a lost ledger, each document is there exactly once."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.db"

        class OnSqlite(Books):
            @staticmethod
            @override
            def new_ledger() -> Ledger:
                for leftover in Path(folder).iterdir():
                    leftover.unlink()
                shutil.copy(sqlite_template, path)
                return Ledger.open(f"sqlite:///{path}")

        run_state_machine_as_test(
            OnSqlite,
            settings=settings(
                max_examples=60, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
            ),
        )


def test_any_history_ends_well_in_postgresql(postgres_ledgers: Callable[[int], str]) -> None:
    """The same holds when PostgreSQL keeps the ledger."""

    class OnPostgresql(Books):
        @staticmethod
        @override
        def new_ledger() -> Ledger:
            return Ledger.open(postgres_ledgers(0))

    run_state_machine_as_test(
        OnPostgresql,
        settings=settings(
            max_examples=6, stateful_step_count=10, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
