"""Create, update and delete, whichever entity: through REST and through SOAP alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.exact_globe import masters, receipts
from sandbox.exact_globe.documents import create as create_document
from sandbox.exact_globe.documents import lines_of, remove, stage
from sandbox.exact_globe.errors import Fault
from sandbox.exact_globe.invoices import process
from sandbox.exact_globe.pairs import LINES, PAIRS, SALES_INVOICES

if TYPE_CHECKING:
    from sandbox.exact_globe.catalogue import Entity
    from sandbox.exact_globe.company import Company
    from sandbox.store import Row

STAGED = {*LINES, receipts.LINE}
HEADERS = {*PAIRS, receipts.HEADER}


def create(company: Company, entity: Entity, values: Row) -> Row:
    """Create a row, stage a line or make a document; return the row as it is answered.

    Raises:
        Fault: Globe refuses; nothing was changed.
    """
    if entity.path in STAGED:
        return stage(company, entity.path, values)
    if entity.path == receipts.HEADER:
        return receipts.receive(company, values)
    if entity.path not in PAIRS:
        return masters.create(company, entity, values)
    header = create_document(company, PAIRS[entity.path], values)
    if entity.path == SALES_INVOICES.header and company.switches.process_invoices:
        process(company, header, lines_of(company, SALES_INVOICES, header))
        remove(company, SALES_INVOICES, header)
    return header


def update(company: Company, entity: Entity, row: Row, changes: Row) -> None:
    """Change a row; headers and lines know create and delete only (Entity Services, header and line entities).

    Raises:
        Fault: Globe refuses.
    """
    if entity.path in STAGED | HEADERS:
        raise Fault(f"Not allowed: update of {entity.path}", entity.key)
    masters.merge(company, entity, row, changes)


def delete(company: Company, entity: Entity, row: Row) -> None:
    """Delete a row, a waiting line, or a document with its lines.

    Raises:
        Fault: The line belongs to a document (*inferred*), or something refers to the row.
    """
    if entity.path in PAIRS:
        remove(company, PAIRS[entity.path], row)
    elif entity.path in STAGED:
        if company.staged.delete(row["ID"]) is None:
            raise Fault(f"Not allowed: delete of {entity.path} ({row['ID']})", "ID")
    else:
        masters.delete(company, entity, row)
