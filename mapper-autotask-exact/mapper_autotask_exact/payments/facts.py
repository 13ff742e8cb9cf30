"""What the conditions of a table row can ask about an invoice in the books."""

from __future__ import annotations

from mapper_autotask_exact.facts import Fact, Row, flag, value_of

CREDIT_NOTE = 21
"""TransactionType of a sales credit note (Exact Online REST documentation, sync/Cashflow/PaymentTerms)."""


def _customer(record: Row) -> tuple[str, ...]:
    return tuple(str(value) for field in ("AccountName", "AccountCode") if (value := record.get(field)))


PAYMENT_FACTS: dict[str, Fact] = {
    "customer": Fact("customer in Exact: name or code", _customer),
    "journal": Fact("journal of the invoice in the books", value_of("Journal")),
    "number": Fact("invoice number in the books", value_of("InvoiceNumber")),
    "reference": Fact("*your reference* of the invoice", value_of("YourRef")),
    "currency": Fact("currency of the invoice: EUR, USD …", value_of("Currency")),
    "payment_condition": Fact("payment condition of the invoice", value_of("PaymentCondition")),
    "credit": Fact(
        "whether it is a credit note", lambda record: flag(record.get("TransactionType") == CREDIT_NOTE), flag=True
    ),
}
