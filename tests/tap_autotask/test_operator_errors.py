from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

import pytest

from tap_autotask.tap import TapAutotask

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Sandbox


def test_a_wrong_secret_is_one_line_and_exit_code_1(
    sandbox: Sandbox, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """An error that an operator can mend ends the run with its message, without a stack and without the secret."""
    config: dict[str, Any] = {
        "api_url": f"{sandbox.url}/ATServicesRest",
        "username": sandbox.autotask_headers["UserName"],
        "integration_code": sandbox.autotask_headers["ApiIntegrationCode"],
        "secret": "not-the-secret",
        "read_metadata": False,
    }
    path = tmp_path / "config.json"
    path.write_text(json.dumps(config))
    with pytest.raises(SystemExit) as ended, caplog.at_level(logging.ERROR):
        TapAutotask.cli.main(["--config", str(path)], standalone_mode=False)
    assert ended.value.code == 1
    assert "Check username and secret" in caplog.records[-1].getMessage()
    assert all(record.exc_info is None for record in caplog.records)
    assert "not-the-secret" not in caplog.text
