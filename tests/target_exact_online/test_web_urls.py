from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from tests.target_exact_online.papers import invoice
from transfer_ledger.schema import transfers

if TYPE_CHECKING:
    from tests.target_exact_online.papers import Office


@pytest.mark.parametrize(
    ("settings", "link"),
    [
        ({}, "{origin}/docs/CRMAccountCard.aspx?_Division_=1234567&AccountID=%7b{account}%7d"),
        ({"web_urls": {"sales_invoice": "{origin}/invoice/{division}/{id}"}}, "{origin}/invoice/1234567/{id}"),
    ],
)
def test_a_person_opens_what_was_written(office: Office, settings: dict[str, Any], link: str) -> None:
    """A transferred invoice has a link: to its customer's card, or to what the setting says."""
    assert office.run(invoice(), **settings) == 0
    (held,) = office.held()
    engine = sa.create_engine(office.settings["ledger_url"])
    with engine.connect() as connection:
        found = connection.execute(sa.select(transfers.c.receipt_url)).scalar_one()
    engine.dispose()
    places = {"origin": office.sandbox.url, "id": held["InvoiceID"], "account": held["InvoiceTo"]}
    assert found == link.format(**places)
