"""What Exact Globe is sent for a case: the JSON of its entity services and the XML for its importer.

In Globe an invoice becomes a sales order. A case that fails or is left out has no such files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from target_exact_globe import bodies
from target_exact_globe.accounts.bodies import new_account
from target_exact_globe.accounts.element import TOPIC, account_element
from target_exact_globe.elements import TOPICS, envelope, order_element, serialised
from target_exact_globe.preflight import check
from target_exact_globe.purchases import check_purchase
from target_exact_globe.settings import SETTINGS
from transfer_ledger.documents import Account, PurchaseOrder, SalesInvoice
from transfer_ledger.merge import told

if TYPE_CHECKING:
    from target_exact_globe.orders import Order
    from tests.golden.cases import Case

DEFAULTS: dict[str, Any] = {name: setting.get("default") for name, setting in SETTINGS.to_dict()["properties"].items()}
_encode = msgspec.json.Encoder(decimal_format="number").encode


def json_column(case: Case) -> str:
    """Return header and lines as the services take them."""
    account, order = _account(case), _order(case)
    sent = account or (bodies.readable(order) if order is not None else None)
    return "" if sent is None else msgspec.json.format(_encode(sent), indent=2).decode() + "\n"


def xml_column(case: Case) -> str:
    """Return the file for the importer."""
    account, order = _account(case), _order(case)
    if account is not None:
        return serialised(envelope(TOPIC, [account_element(account)])).decode()
    if order is None:
        return ""
    return serialised(envelope(TOPICS[order.kind].name, [order_element(order)])).decode()


def _account(case: Case) -> dict[str, Any] | None:
    """Return the account that would be created; None: the case is about something else, or fails."""
    document = case.document
    if not isinstance(document, Account) or document.problems or document.skip or document.deleted:
        return None
    return new_account(told(document)) if document.code_rule == "given" else None


def _order(case: Case) -> Order | None:
    """Return the order of a case; None: it comes to none in Globe."""
    document = case.document
    if document.problems or document.skip:
        return None
    if isinstance(document, PurchaseOrder):
        prepared, _ = check_purchase(document, None, None, DEFAULTS)
    elif isinstance(document, SalesInvoice) and document.form != "sales_entry":
        prepared, _ = check(msgspec.structs.replace(document, form="sales_order"), None, None, DEFAULTS)
    else:
        return None
    return None if prepared is None else prepared.order
