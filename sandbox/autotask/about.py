"""Routes that are about the service itself: zone, versions, modules, threshold, all entities."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.autotask.answers import refuse
from sandbox.autotask.api import BASE
from sandbox.autotask.metadata import describe
from sandbox.wire import json_response

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from sandbox.autotask.api import Api

TENANT = 123456
MODULES = (1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 16)


async def zone_information(api: Api, request: Request) -> Response:
    """Answer where the user's database is: here. No sign-in, and no proof that one would succeed."""
    if request.query_params.get("user", "").lower() != api.switches.username.lower():
        raise refuse("Zone information could not be determined")
    origin = f"{request.url.scheme}://{request.headers['host']}"
    return json_response({"zoneName": "Sandbox", "url": f"{origin}{BASE}/", "webUrl": f"{origin}/", "ci": TENANT})


async def version_information(_api: Api, _request: Request) -> Response:
    """Answer which versions of the API there are; no sign-in."""
    return json_response({"apiVersions": ["1.0"]})


async def version(_api: Api, _request: Request) -> Response:
    """Answer the version of Autotask."""
    return json_response({"majorVersion": "2026", "minorVersion": "2", "build": "1", "customerType": "Sandbox"})


async def modules(_api: Api, _request: Request) -> Response:
    """Answer which modules are on."""
    return json_response({"modules": [{"key": key, "value": True} for key in MODULES]})


async def threshold(api: Api, _request: Request) -> Response:
    """Answer how full the hour is; the call itself counts."""
    return json_response(
        {
            "externalRequestThreshold": api.switches.threshold,
            "requestThresholdTimeframe": 60,
            "currentTimeframeRequestCount": api.gate.used(),
        }
    )


async def entities(api: Api, _request: Request) -> Response:
    """Answer the information about all entities."""
    found = [describe(api, entity) for entity in api.catalogue.entities.values()]
    return json_response({"entityDescriptions": found})
