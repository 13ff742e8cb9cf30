"""The writes of one sales document in order, and for each the question whether it was done before."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING
from uuid import UUID

import msgspec

from tap_exact_online import odata
from tap_exact_online.exceptions import ExactOnlineError
from target_exact_online import customers, payloads
from target_exact_online.account_steps import ACCOUNT, creation, promotion
from target_exact_online.attachment_steps import HOLDER, attachments
from target_exact_online.forms import FORMS, PROCESSED, SALES_INVOICE, Form, found, number_of, receipt
from target_exact_online.translation import reading, writing
from transfer_ledger import texts
from transfer_ledger.exceptions import Unanswered
from transfer_ledger.receipts import Receipt, Receipts, Step

if TYPE_CHECKING:
    from typing import Any

    from target_exact_online.desk import Desk
    from target_exact_online.preflight import PreparedInvoice
    from transfer_ledger.documents import SalesInvoice

CREATE, PRINT = "create", "print"

logger = logging.getLogger(__name__)


def steps_of(desk: Desk, document: SalesInvoice, prepared: PreparedInvoice, *, with_files: bool) -> list[Step]:
    """Return the writes: the account when it is missing, the files, the document itself, its processing."""

    def customer_id(done: Receipts) -> str:
        return done[ACCOUNT].id if ACCOUNT in done else str(prepared.customer_id)

    steps = []
    if prepared.account.create:
        steps.append(creation(desk, document, customers.body(document.customer)))
    elif prepared.account.promote:
        steps.append(promotion(desk, str(prepared.customer_id)))
    if with_files:
        steps += attachments(desk, document, customer_id)

    def find(done: Receipts) -> Receipt | None:
        known = msgspec.structs.replace(prepared, customer_id=customer_id(done))
        return desk.match(document, known, _under_reference(desk, document))

    def body(done: Receipts) -> payloads.Body:
        holder = done[HOLDER].id if HOLDER in done else None
        return payloads.document_body(
            document, prepared, desk.settings, customer_id=customer_id(done), attachment_id=holder
        )

    steps.append(
        Step(
            name=CREATE,
            find=find,
            write=lambda done: _created(desk, document, body(done)),
            shows=lambda done: payloads.readable(document, body(done)),
        )
    )
    if document.definitive and document.form == SALES_INVOICE.name:
        steps.append(_processing(desk, document))
    return steps


def _under_reference(desk: Desk, document: SalesInvoice) -> list[Any]:
    """Return what Exact holds under the document's reference in its form."""
    form = FORMS[document.form]
    where = f"YourRef eq {odata.literal(texts.one_line(document.reference))}"
    with reading():
        return [found(form, row) for row in desk.client.read(form.resource, select=form.columns, where=where)]


def _created(desk: Desk, document: SalesInvoice, body: payloads.Body) -> Receipt:
    form, wanted = FORMS[document.form], payloads.wanted_number(document)
    with writing():
        row = desk.client.create(form.resource, body)
    if not isinstance(row.get(form.key), str):
        raise Unanswered(f"{form.resource}: the answer names no {form.key}. It is looked up before it is sent again.")
    if wanted is not None and row.get(form.number) != wanted:
        logger.warning(
            "%s was to keep its number, but Exact Online gave it %s. Check the numbering of journal %s.",
            document.number,
            number_of(form, row),
            document.journal,
        )
    return receipt(form, row)


def _processing(desk: Desk, document: SalesInvoice) -> Step:
    """Return the step that processes a sales invoice: only then it is booked and has its number."""

    def find(done: Receipts) -> Receipt | None:
        with reading():
            row = _invoice(desk, done[CREATE].id)
        return receipt(SALES_INVOICE, row) if row is not None and row["Status"] == PROCESSED else None

    def body(done: Receipts) -> payloads.Body:
        return payloads.print_body(done[CREATE].id, document.invoice_date, desk.settings)

    def write(done: Receipts) -> Receipt:
        invoice_id = done[CREATE].id
        with writing():
            answer = desk.client.create("salesinvoice/PrintedSalesInvoices", body(done))
        for column in ("DocumentCreationError", "EmailCreationError"):
            if answer.get(column):
                logger.warning("%s was processed, but: %s", document.number, texts.one_line(answer[column]))
        return _printed(desk, invoice_id)

    return Step(name=PRINT, find=find, write=write, shows=body)


def _printed(desk: Desk, invoice_id: str) -> Receipt:
    """Return the processed invoice with its number; what is done stays done when the number cannot be read."""
    try:
        row = _invoice(desk, invoice_id)
    except ExactOnlineError as error:
        logger.warning("The number of a processed invoice could not be read: %s", error)
        row = None
    return Receipt(id=invoice_id) if row is None else receipt(SALES_INVOICE, row)


def _invoice(desk: Desk, invoice_id: str) -> dict[str, Any] | None:
    form: Form = SALES_INVOICE
    where = f"{form.key} eq {odata.literal(UUID(invoice_id))}"
    return next(desk.client.read(form.resource, select=form.columns, where=where), None)
