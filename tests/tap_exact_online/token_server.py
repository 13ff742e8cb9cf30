"""A token endpoint and the list of divisions on loopback, for tests with real connections and real processes."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

from werkzeug import Request, Response

from tests.tap_exact_online.fake import pair

if TYPE_CHECKING:
    from pytest_httpserver import HTTPServer

USED = {"error": "unauthorized_client", "error_description": "Old refresh token used."}
DIVISION = {"Code": 1234567, "Hid": "1001", "Description": "Demo MSP B.V.", "Status": 1}


class TokenServer:
    """Rotates tokens as Exact does: each refresh token works once, and only the newest access token reads."""

    def __init__(self, server: HTTPServer) -> None:
        self.renewals: list[str] = []
        self.number = 0
        self._lock = threading.Lock()
        server.expect_request("/api/oauth2/token").respond_with_handler(self._token)
        server.expect_request("/api/v1/current/Me").respond_with_handler(self._me)
        server.expect_request("/api/v1/1234567/system/Divisions").respond_with_handler(self._divisions)

    def _token(self, request: Request) -> Response:
        with self._lock:
            sent = request.form.get("refresh_token") or request.form["code"]
            self.renewals.append(sent)
            if sent not in (f"refresh-{self.number}", "the-code"):
                return _answer(401, USED)
            self.number += 1
            return _answer(200, pair(self.number))

    def _me(self, request: Request) -> Response:
        return self._rows(request, {"CurrentDivision": 1234567})

    def _divisions(self, request: Request) -> Response:
        return self._rows(request, DIVISION, {**DIVISION, "Code": 1234568, "Status": 2})

    def _rows(self, request: Request, *rows: dict[str, Any]) -> Response:
        if request.headers.get("Authorization") != f"Bearer access-{self.number}":
            return _answer(401, {})
        return _answer(200, {"d": {"results": rows}})


def _answer(status: int, body: dict[str, Any]) -> Response:
    return Response(json.dumps(body), status, content_type="application/json")
