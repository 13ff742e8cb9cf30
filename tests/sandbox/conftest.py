"""What several tests of the sandbox start from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.sandbox.exact_globe_calls import Globe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.conftest import Sandbox


@pytest.fixture
def sign_in(sandbox: Sandbox) -> Iterator[Callable[..., Globe]]:
    """Return what makes clients of the Exact Globe half, each with a connection of its own."""
    clients: list[Globe] = []

    def make(*credentials: str) -> Globe:
        clients.append(Globe(sandbox, *credentials))
        return clients[-1]

    yield make
    for client in clients:
        client.close()


@pytest.fixture
def globe(sign_in: Callable[..., Globe]) -> Globe:
    """Return a client of the Exact Globe half with the right password."""
    return sign_in()
