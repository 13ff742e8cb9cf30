from __future__ import annotations

import logging
import signal
from typing import TYPE_CHECKING

import pytest

from tests.target_autotask.loading import Dock
from tests.target_autotask.tills import Till
from tests.target_autotask.yard import Yard

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.conftest import Sandbox


@pytest.fixture
def dock(sandbox: Sandbox, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> Iterator[Dock]:
    """Return where records are loaded into a fresh sandbox."""
    handlers = {name: signal.getsignal(name) for name in (signal.SIGTERM, signal.SIGINT)}
    caplog.set_level(logging.INFO)
    yield Dock(sandbox, capsys, caplog)
    for name, handler in handlers.items():
        signal.signal(name, handler)


@pytest.fixture
def till(dock: Dock, tmp_path: Path) -> Till:
    return Till(dock, tmp_path)


@pytest.fixture
def yard(
    sandbox: Sandbox, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> Yard:
    caplog.set_level(logging.INFO)
    sandbox.reset(companies=12, invoices=0)
    yard = Yard(sandbox, capsys, caplog)
    yard.ledger_url = f"sqlite:///{tmp_path / 'ledger.db'}"
    return yard
