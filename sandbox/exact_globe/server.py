"""The addresses of Entity Services, and what every call goes through before its work."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from starlette.responses import Response

from sandbox.exact_globe import envelopes, metadata, soap, writing
from sandbox.exact_globe.errors import GENERAL, Fault, rest_error
from sandbox.exact_globe.reading import find_row, read_collection, read_entity, write
from sandbox.exact_globe.values import read_body
from sandbox.exact_online.errors import Refusal, bad_request, not_found
from sandbox.wire import USER, any_case, json_response

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from starlette.requests import Request
    from starlette.routing import BaseRoute

    from sandbox.exact_globe.catalogue import Entity
    from sandbox.exact_globe.company import Company
    from sandbox.exact_globe.sign_in import Gate

REST = "/services/Exact.Entity.REST.EG"
TAIL = re.compile(r"(?P<name>[\w.$]*)(?:\((?P<key>.*)\))?/?", re.DOTALL)
METHODS = ("GET", "POST", "PUT", "MERGE", "DELETE")
JSON = "application/json"
WITH_BODY = {"POST", "PUT", "MERGE"}
ACTIVE = "A"
LOGIN_FAILED = "Failed to login to Globe"
"""The one text of a refusal that is attested (melosso/portway, HealthCheckService.cs)."""


@dataclass
class Services:
    """One life of the Exact Globe half."""

    company: Company
    gate: Gate
    worked: int = field(default=0)

    async def rest(self, request: Request) -> Response:
        """Answer a call of the REST service."""
        body = await request.body()
        try:
            _check_formats(request)
            self.check_instance()
            self.check_login(request.headers, request.scope[USER])
            return self._work(request, body)
        except Refusal as refusal:
            return json_response(rest_error(refusal.text), refusal.status)
        except Fault as fault:
            return json_response(rest_error(GENERAL, fault), self.company.switches.refusal_status)

    def soap(self, answer: Callable[[envelopes.Call], bytes]) -> Callable[[Request], Awaitable[Response]]:
        """Return what answers the calls of a SOAP service."""

        async def endpoint(request: Request) -> Response:
            body, user = await request.body(), request.scope[USER]
            source, status = f"Exact.Services.{request.url.path.rpartition('/')[2]}", 500
            try:
                self.check_instance()
                call = envelopes.read_call(body)
                self.check_login(call.company, user)
                content, status = answer(call), 200
            except Refusal as refusal:
                content = envelopes.fault(refusal.text, None, source, user, self.company.now())
            except Fault as fault:
                content = envelopes.fault("Validation failed.", fault, source, user, self.company.now())
            return Response(content, status, media_type="text/xml; charset=utf-8")

        return endpoint

    def check_instance(self) -> None:
        """Fail when memory has leaked away: a restart helps, here a reset (HikitaIkaruga/Exact-Globe-Connect).

        Raises:
            Refusal: No instance can be created.
        """
        limit = self.company.switches.memory_leak_after
        self.worked += 1
        if limit and self.worked > limit:
            raise Refusal(500, "Error creating instance of the entity: insufficient memory to continue.")

    def check_login(self, company: Mapping[str, str], user: str) -> None:
        """Check company and employee.

        Args:
            company: ServerName and DatabaseName.
            user: Who signed the connection in.

        Raises:
            Fault: Globe does not let the caller in.
        """
        switches = self.company.switches
        given = {name: company.get(name, "") for name in ("ServerName", "DatabaseName")}
        known = {"ServerName": switches.server_name, "DatabaseName": switches.database_name}
        for name, value in given.items():
            if value.lower() != known[name].lower():
                raise Fault(f"{LOGIN_FAILED}. Unknown {name}: '{value}'.", name, "LoginException")
        if not self._is_employee(user):
            raise Fault(f"{LOGIN_FAILED}. User {user} is not an active employee.", "UserID", "LoginException")
        if not switches.workstation_known:
            raise Fault(f"{LOGIN_FAILED}. Invalid workstation: MacAddress2.", "MacAddress2", "LoginException")

    def _is_employee(self, user: str) -> bool:
        employees = (row for row in self.company.tables["Resource"] if str(row.get("UserID")).lower() == user)
        return any(row["Status"] == ACTIVE and not row["Blocked"] for row in employees)

    def _work(self, request: Request, body: bytes) -> Response:
        match = TAIL.fullmatch(request.path_params["tail"])
        name, key = (match["name"], match["key"]) if match else ("", None)
        if name == "$metadata" and request.method == "GET":
            return Response(metadata.edmx(self.company.entities), media_type="application/xml")
        entity = self.company.entities.get(name)
        if entity is None:
            raise not_found(request.path_params["tail"])
        if name in self.company.switches.forbidden:
            raise Fault(f"No rights: {name}", name, "RightsException")
        method = request.headers.get("x-http-method", request.method).upper()
        if method not in entity.methods:
            raise Refusal(405, f"The method {method} is not allowed for {name}.")
        return self._entity(request, entity, key, method, body)

    def _entity(self, request: Request, entity: Entity, key: str | None, method: str, body: bytes) -> Response:
        root = f"{request.url.scheme}://{request.url.netloc}/Services/Exact.Entity.REST.EG"
        company, query = self.company, request.scope["query_string"].decode("latin-1")
        if method == "GET" and key is None:
            return json_response(read_collection(company, entity, query, root))
        if method == "GET":
            return json_response(read_entity(company, entity, str(key), query, root))
        if method == "POST":
            row = writing.create(company, entity, read_body(body, entity, company.switches))
            return json_response({"d": write(row, entity, root)}, company.switches.create_status)
        if key is None:
            raise bad_request("A key is needed.")
        row = find_row(company, entity, key)
        if method == "DELETE":
            writing.delete(company, entity, row)
        else:
            writing.update(company, entity, row, read_body(body, entity, company.switches))
        return Response(status_code=204)


def routes(services: Services) -> list[BaseRoute]:
    """Return all routes."""
    company, sets = services.company, soap.Sets()
    endpoints: dict[str, Callable[[envelopes.Call], bytes]] = {
        "Exact.Entity.EG": lambda call: soap.one(company, call),
        "Exact.Entities.EG": lambda call: soap.many(company, call, sets),
        "Exact.Metadata.EG": lambda call: soap.described(company, call),
    }
    return [
        any_case(f"{REST}/{{tail:path}}", services.rest, METHODS),
        *(any_case(f"/services/{name}", services.soap(answer), ("POST",)) for name, answer in endpoints.items()),
    ]


def _check_formats(request: Request) -> None:
    """Refuse Atom, which is what the service speaks unless JSON is asked for; the sandbox does not.

    Raises:
        Refusal: JSON was not asked for, or not sent. The statuses are *inferred*.
    """
    answers = request.method in {"GET", "POST"} and not request.url.path.endswith("$metadata")
    if answers and JSON not in request.headers.get("accept", ""):
        raise Refusal(406, f"The sandbox does not simulate Atom: send Accept: {JSON}.")
    if request.method in WITH_BODY and JSON not in request.headers.get("content-type", ""):
        raise Refusal(415, f"The sandbox does not simulate Atom: send Content-Type: {JSON}.")
