from __future__ import annotations

import json
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from tap_exact_online.token_store import Tokens, TokenStore
from tests.tap_exact_online.fake import settings
from tests.tap_exact_online.token_server import TokenServer

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_httpserver import HTTPServer

READ = """
import json, sys
from tap_exact_online.client import connect
print(connect(json.loads(sys.argv[1])).current_division())
"""


@pytest.mark.parametrize("started", ["seed", "expired"])
def test_processes_with_one_expired_token_renew_it_once(tmp_path: Path, httpserver: HTTPServer, started: str) -> None:
    """Of two processes that start together one renews, and both read with what it got."""
    server = TokenServer(httpserver)
    config = settings(tmp_path, api_url=httpserver.url_for("").rstrip("/"))
    if started == "expired":
        store = TokenStore(tmp_path / "tokens.json", f"{config['client_id']} at {config['api_url']}")
        config["refresh_token"] = ""
        with store.locked():
            store.write(Tokens(refresh_token="refresh-0", access_token="old", issued_at=time.time() - 3600))
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", READ, json.dumps(config)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    outcomes = [(*process.communicate(timeout=60), process.returncode) for process in processes]
    assert [(out, code) for out, _, code in outcomes] == [("1234567\n", 0)] * 2, outcomes
    assert server.renewals == ["refresh-0"]
