"""Autotask PSA's REST API 1.0, simulated."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sandbox.autotask import routing
from sandbox.autotask.access import Gate
from sandbox.autotask.api import SYSTEM, Api
from sandbox.autotask.catalogue import load
from sandbox.autotask.invoice_settings import TABLE
from sandbox.autotask.picklists import build
from sandbox.autotask.seed import fill
from sandbox.autotask.switches import Switches
from sandbox.autotask.writing import edited
from sandbox.options import convert

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

    from sandbox.context import Context
    from sandbox.store import Row

__all__ = ["PAGE", "routes", "seed", "state"]

PAGE = {
    "Companies": ("id", "companyName", "companyNumber", "companyType", "city", "lastTrackedModifiedDateTime"),
    "Invoices": ("id", "invoiceNumber", "companyID", "invoiceTotal", "paidDate", "webServiceDate", "isVoided"),
    "PurchaseOrders": ("id", "purchaseOrderNumber", "vendorID", "status", "externalPONumber"),
}


def seed(context: Context) -> None:
    """Fill the tables."""
    switches = convert(context.options.autotask, Switches, "autotask")
    catalogue = load(switches.fields)
    for name in (*catalogue.entities, TABLE):
        context.store.add(SYSTEM, name, "id")
    context.halves[SYSTEM] = Api(context, switches, catalogue, Gate(switches, context.clock), build(context.world))
    fill(context)
    for entity in catalogue.entities.values():
        context.store.table(SYSTEM, entity.name).edit = partial(edited, context.clock, entity)


def routes(context: Context) -> list[BaseRoute]:
    """Return the routes."""
    return routing.routes(context.halves[SYSTEM])


def state(context: Context) -> dict[str, list[Row]]:
    """Return all rows by entity, every field there."""
    api: Api = context.halves[SYSTEM]
    return {name: [entity.blank | row for row in api.rows(name)] for name, entity in api.catalogue.entities.items()}
