"""Real `meltano run` on the sandbox, as programs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sandbox.demo import environment
from tests.e2e.project import DOUBT_SECONDS, JOB, Project
from tests.pipeline.running import jobs

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


_DEFECTS: set[str] = set()


@pytest.fixture
def defects(project: Project) -> set[str]:
    """The invoices broken on purpose, which an undisturbed run leaves out; nothing is transferred yet.

    That run is made once for all tests, since the seed is always the same.
    """
    if not _DEFECTS:
        undisturbed = project.folder / "undisturbed"
        undisturbed.mkdir()
        assert jobs(project.sandbox, undisturbed).run(JOB) in {0, 1}
        _DEFECTS.update(project.absent())
        project.reset()
    return _DEFECTS
