from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from singer_sdk.testing import SuiteConfig, get_tap_test_class
from typing_extensions import override

from sandbox.exact_online.catalogue import resources
from tap_exact_online.tap import TapExactOnline
from tests.tap_exact_online.bookings import book_everything, client_of
from tests.tap_exact_online.running import sandbox_settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from singer_sdk import Stream

    from tap_exact_online.streams import ExactStream
    from tests.conftest import SandboxServer

SETTINGS: dict[str, Any] = {"division": 1234567, "client_id": "c", "client_secret": "s"}


class SimulatedStreams(TapExactOnline):
    """The tap with the streams of which the sandbox has the endpoints."""

    @override
    def discover_streams(self) -> Sequence[Stream]:
        found: Sequence[ExactStream] = super().discover_streams()  # type: ignore[assignment]
        return [stream for stream in found if stream.endpoint.resource.lower() in resources()]


Standard: Any = get_tap_test_class(SimulatedStreams, config=SETTINGS, suite_config=SuiteConfig(max_records_limit=30))


@pytest.mark.filterwarnings("ignore:No records were available to test")
class TestStandard(Standard):  # type: ignore[misc]
    """The tests that the SDK has for every tap."""

    @pytest.fixture(scope="class", autouse=True)
    @classmethod
    def at_the_sandbox(cls, sandbox_server: SandboxServer, tmp_path_factory: pytest.TempPathFactory) -> None:
        """Point the tap, which was made when the tests were collected, at the worker's sandbox."""
        sandbox_server.reset(exact_online={"limits": False})
        folder = tmp_path_factory.mktemp("standard")
        book_everything(client_of(sandbox_server, folder), sandbox_server)
        SETTINGS.update(sandbox_settings(sandbox_server, folder))
