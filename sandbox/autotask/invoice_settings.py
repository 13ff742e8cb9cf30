"""How a company wants its invoices: a small object below the company, with recipients of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.autotask.answers import done, not_found, refuse
from sandbox.autotask.api import any_case, read_json
from sandbox.wire import json_response

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from sandbox.autotask.api import Api
    from sandbox.store import Row

TABLE = "AccountInvoiceSettings"
OF_COMPANY = {"taxexempt": "isTaxExempt", "taxregionid": "taxRegionID", "taxid": "taxID"}
"""Properties that are columns of the company itself."""
OWN = {"invoiceemailingenabled": "invoiceEmailingEnabled", "otheremails": "otherEmails"}
RECIPIENTS = {"contactrecipients": "contactRecipients", "resourcerecipients": "resourceRecipients"}


async def get(api: Api, _request: Request, company_id: int) -> Response:
    """Answer the settings."""
    company, own = _rows(api, company_id)
    return json_response(
        {
            "taxExempt": bool(company.get("isTaxExempt")),
            "taxRegionId": company.get("taxRegionID"),
            "taxId": company.get("taxID"),
            "invoiceEmailingEnabled": own.get("invoiceEmailingEnabled", False),
            "otherEmails": own.get("otherEmails", ""),
            **{name: own.get(name, []) for name in RECIPIENTS.values()},
        }
    )


async def put(api: Api, request: Request, company_id: int) -> Response:
    """Change the settings."""
    _rows(api, company_id)
    body = any_case(await read_json(request))
    company = {OF_COMPANY[name]: value for name, value in body.items() if name in OF_COMPANY}
    own = {OWN[name]: value for name, value in body.items() if name in OWN}
    api.rows("Companies").put({"id": company_id} | company)
    api.rows(TABLE).put({"id": company_id} | own)
    return done(company_id)


async def add_recipients(api: Api, request: Request, company_id: int, kind: str) -> Response:
    """Add recipients by their ids."""
    name, present = _recipients(api, company_id, kind)
    items = any_case(await read_json(request)).get("items")
    if not isinstance(items, list):
        raise refuse("Missing Required Field: items.")
    api.rows(TABLE).put({"id": company_id, name: [*present, *(item for item in items if item not in present)]})
    return done(company_id)


async def remove_recipient(api: Api, _request: Request, company_id: int, kind: str, recipient: int) -> Response:
    """Remove one recipient."""
    name, present = _recipients(api, company_id, kind)
    if recipient not in present:
        raise not_found()
    api.rows(TABLE).put({"id": company_id, name: [item for item in present if item != recipient]})
    return done(recipient)


def _recipients(api: Api, company_id: int, kind: str) -> tuple[str, list[Any]]:
    if kind.lower() not in RECIPIENTS:
        raise not_found()
    name = RECIPIENTS[kind.lower()]
    return name, _rows(api, company_id)[1].get(name, [])


def _rows(api: Api, company_id: int) -> tuple[Row, Row]:
    company = api.rows("Companies").get(company_id)
    if company is None:
        raise not_found()
    return company, api.rows(TABLE).get(company_id) or {}
