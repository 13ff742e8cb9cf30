"""The SDK's own tests of a tap, on the sandbox."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from singer_sdk.testing import SuiteConfig, get_tap_test_class

from tap_autotask.tap import TapAutotask

if TYPE_CHECKING:
    from tests.conftest import Sandbox

CONFIG: dict[str, Any] = {
    "username": "api@demo-msp.example",
    "secret": "sandbox-secret",
    "integration_code": "SANDBOXINTEGRATIONCODE00001",
    "read_metadata": False,
    "rescan_days": 10,
}
"""Where the sandbox listens is filled in when it does: listing the tests needs no Autotask."""

Suite = get_tap_test_class(TapAutotask, config=CONFIG, suite_config=SuiteConfig(max_records_limit=150))


@pytest.mark.filterwarnings("ignore:No records were available", "ignore:Fields in transformed catalog")
class TestTapAutotask(Suite):  # type: ignore[misc, valid-type]
    """Discovery, connection, state, and for each stream its schema, records, keys and types."""

    @pytest.fixture(scope="class", autouse=True)
    @classmethod
    def _on_the_sandbox(cls, sandbox_server: Sandbox) -> None:
        sandbox_server.reset(companies=30, invoices=60)
        CONFIG["api_url"] = f"{sandbox_server.url}/ATServicesRest"
