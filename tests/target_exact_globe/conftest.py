from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from tests.target_exact_globe.papers import Office

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Sandbox


@pytest.fixture
def office(tmp_path: Path, sandbox: Sandbox, caplog: pytest.LogCaptureFixture) -> Office:
    """Return a fresh office beside a fresh sandbox, which has a debtor 100; what a run says of itself is kept."""
    caplog.set_level(logging.INFO)
    fresh = Office(tmp_path, sandbox)
    fresh.reset()
    return fresh
