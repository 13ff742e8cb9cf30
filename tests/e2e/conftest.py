"""Real `meltano run` on the sandbox, as programs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sandbox.demo import environment
from tests.e2e.project import DOUBT_SECONDS, Project

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Sandbox


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark by folder, so that nobody has to remember."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.e2e)


@pytest.fixture
def project(sandbox: Sandbox, tmp_path: Path) -> Iterator[Project]:
    """A project whose sandbox holds a small seed."""
    variables = environment(sandbox.url, tmp_path) | {"TARGET_EXACT_ONLINE_DOUBT_SECONDS": str(DOUBT_SECONDS)}
    begun = Project(sandbox, tmp_path, variables)
    begun.reset()
    yield begun
    begun.end()
