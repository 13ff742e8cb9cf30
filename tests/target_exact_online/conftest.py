from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.target_exact_online.papers import Office

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Sandbox


@pytest.fixture
def office(tmp_path: Path, sandbox: Sandbox) -> Office:
    """Return a fresh office beside a fresh sandbox, which has a customer K100."""
    fresh = Office(tmp_path, sandbox)
    fresh.reset()
    return fresh
