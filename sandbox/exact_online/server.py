"""The addresses of Exact Online, and what every call goes through before and after its work."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from starlette.responses import PlainTextResponse, Response

from sandbox.books import ADMINISTRATION
from sandbox.exact_online import reading, sign_in, timestamps, writing
from sandbox.exact_online.catalogue import resources, single
from sandbox.exact_online.division import NAVIGATION
from sandbox.exact_online.entities import EntityWriter
from sandbox.exact_online.errors import Invalid, Refusal, bad_request, not_found
from sandbox.wire import any_case, json_response

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.routing import BaseRoute

    from sandbox.exact_online.catalogue import Resource
    from sandbox.exact_online.division import Division
    from sandbox.exact_online.limits import Limits
    from sandbox.exact_online.switches import Switches
    from sandbox.exact_online.tokens import Issuer

JSON = "application/json"
TAIL = re.compile(r"(?P<path>[\w/]+?)(?:\((?P<key>[^()]*)\)(?:/(?P<collection>\w+))?|(?P<count>/\$count))?/?")
ALIASES = {"system/me": "current/me"}
"""Addresses that lead to the same as another (seen in use: /api/v1/{division}/system/Me)."""
FUNCTIONS = {"SyncTimestamp": timestamps.answer}


class Target(NamedTuple):
    """What an address is about."""

    resource: Resource
    key: str | None
    collection: str | None
    counts: bool


@dataclass(frozen=True)
class Api:
    """One life of the Exact Online half."""

    division: Division
    switches: Switches
    limits: Limits
    issuer: Issuer

    async def handle(self, request: Request) -> Response:
        """Answer a call for data; every answer tells the limits, except that of a limit that was hit."""
        body = await request.body()
        endpoint = _endpoint(request.path_params["tail"])
        refused = self._admit(request, endpoint)
        if refused is not None:
            return refused
        try:
            response = self._work(request, body)
        except Refusal as refusal:
            response = _refused(refusal)
        except Invalid as invalid:
            response = _error(500, invalid.text(self.switches.language))
        self.limits.note(endpoint, response.status_code)
        return self._told(response)

    def is_signed_in(self, request: Request) -> bool:
        """Tell whether a request carries a valid access token."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        return scheme.lower() == "bearer" and self.issuer.access(token)

    def _admit(self, request: Request, endpoint: str) -> Response | None:
        """Check token, limits and block, in this order; return the refusal, if any."""
        if not self.is_signed_in(request):
            self.limits.note(endpoint, 401)
            return self._told(_error(401, "Unauthorized", "Unauthorized"))
        exceeded = self.limits.count()
        if exceeded is not None:
            return Response(status_code=429, headers=exceeded)
        try:
            self.limits.check_block(endpoint)
        except Refusal as refusal:
            return self._told(_refused(refusal))
        return None

    def _told(self, response: Response) -> Response:
        """Add the headers that tell the limits."""
        response.headers.update(self.limits.headers())
        return response

    def _work(self, request: Request, body: bytes) -> Response:
        division = request.path_params.get("division")
        if division is not None and division != str(ADMINISTRATION.code):
            raise Refusal(403, "Forbidden", "NoDivisionAccess")
        target = _target(request.path_params["tail"])
        self._check_rights(request.method, target.resource)
        if request.method not in target.resource.methods or (target.collection and request.method != "GET"):
            raise Refusal(405, f"The method {request.method} is not supported.")
        wants_json = JSON in request.headers.get("accept", "")
        if request.method in ("GET", "POST") and not target.counts and not wants_json:
            return PlainTextResponse("Exact would answer with Atom here. Ask for Accept: application/json.", 406)
        root = f"{request.base_url}api/v1"
        if not target.resource.path.startswith("current/"):
            root += f"/{division}"
        return METHODS[request.method](self, target, request, body, root)

    def _check_rights(self, method: str, resource: Resource) -> None:
        for order, reason in self.switches.forbidden.items():
            verb, _, part = order.rpartition(" ")
            if verb in ("", method) and part.lower() in resource.path.lower():
                raise Refusal(403, "Forbidden", reason)

    def get(self, target: Target, request: Request, _body: bytes, root: str) -> Response:
        """Read."""
        asked = request.scope["query_string"].decode("latin-1")
        if target.resource.name in FUNCTIONS:
            return json_response(FUNCTIONS[target.resource.name](self.division, asked, root))
        if target.counts:
            return PlainTextResponse(reading.read_count(self.division, target.resource, asked))
        if target.collection:
            return json_response(self._collection(target, asked, root))
        if target.key is not None:
            return json_response(reading.read_entity(self.division, target.resource, target.key, asked, root))
        return json_response(reading.read_collection(self.division, target.resource, asked, root))

    def _collection(self, target: Target, asked: str, root: str) -> reading.Answer:
        assert target.collection is not None
        place = NAVIGATION.get((target.resource.table, target.collection))
        if place is None:
            raise not_found(target.collection)
        owner = reading.find_row(self.division, target.resource, target.key or "")
        table, column = place
        address = f"{EntityWriter(self.division, target.resource, root).uri(owner)}/{target.collection}"
        within = reading.Within(column, owner[target.resource.key], address)
        return reading.read_collection(self.division, single(table), asked, root, within)

    def post(self, target: Target, request: Request, body: bytes, root: str) -> Response:
        """Create."""
        if target.key is not None:
            raise Refusal(405, "The method POST is not supported.")
        if JSON not in request.headers.get("content-type", ""):
            raise bad_request("Error processing request stream. The content type should be application/json.")
        row = writing.create(self.division, target.resource, body)
        in_full = "return=representation" in request.headers.get("prefer", "").lower()
        answer = writing.answer(self.division, target.resource, row, root, in_full=in_full)
        return json_response(answer, self.switches.create_status, {"Location": answer["d"]["__metadata"]["uri"]})

    def put(self, target: Target, _request: Request, body: bytes, _root: str) -> Response:
        """Change."""
        row = reading.find_row(self.division, target.resource, self._key(target))
        writing.change(self.division, target.resource, row, body)
        return Response(status_code=204)

    def delete(self, target: Target, _request: Request, _body: bytes, _root: str) -> Response:
        """Remove."""
        writing.remove(
            self.division, target.resource, reading.find_row(self.division, target.resource, self._key(target))
        )
        return Response(status_code=204)

    def _key(self, target: Target) -> str:
        if target.key is None:
            raise Refusal(405, "The method is not supported without a key.")
        return target.key


METHODS = {"GET": Api.get, "POST": Api.post, "PUT": Api.put, "DELETE": Api.delete}


def _target(tail: str) -> Target:
    match = TAIL.fullmatch(tail)
    path = match["path"].lower() if match else ""
    found = resources().get(ALIASES.get(path, path))
    if match is None or found is None:
        raise not_found(tail)
    return Target(found, match["key"], match["collection"], match["count"] is not None)


def _endpoint(tail: str) -> str:
    """Return what errors are counted by."""
    return tail.partition("(")[0].lower()


def _error(status: int, text: str, reason: str | None = None) -> Response:
    body = {"error": {"code": "", "message": {"lang": "", "value": text}}}
    return json_response(body, status, {"Reason": reason} if reason else None)


def _refused(refusal: Refusal) -> Response:
    return _error(refusal.status, refusal.text, refusal.reason)


def routes(api: Api) -> list[BaseRoute]:
    """Return the routes of an `Api`."""

    async def me(request: Request) -> Response:
        request.path_params["tail"] = "current/Me"
        return await api.handle(request)

    async def download(request: Request) -> Response:
        if not api.is_signed_in(request):
            return PlainTextResponse("Unauthorized", 401)
        row = api.division.tables["DocumentAttachments"].get(request.query_params.get("ID", "").lower())
        if row is None:
            return PlainTextResponse("Not found", 404)
        return Response(row["Attachment"], media_type="application/octet-stream")

    return [
        any_case("/api/oauth2/auth", sign_in.consent(api.issuer), ["GET"]),
        any_case("/api/oauth2/token", sign_in.exchange(api.issuer, api.switches), ["POST"]),
        any_case("/api/v1/current/me", me, ["GET"]),
        any_case("/api/v1/{division}/{tail:path}", api.handle, [*METHODS, "PATCH", "MERGE"]),
        any_case("/docs/SysAttachment.aspx", download, ["GET"]),
    ]
