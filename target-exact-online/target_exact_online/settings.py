"""The settings of the target, beside those of the connection and the ledger."""

from __future__ import annotations

from singer_sdk import typing as th

from tap_exact_online.settings import CONNECTION_SETTINGS
from transfer_ledger.parties.sink import PARTY_SETTINGS
from transfer_ledger.sinks import LEDGER_SETTINGS

FORMS = ["sales_invoice", "sales_order", "sales_entry"]
DESCRIPTION_LENGTH = 60
MISCELLANEOUS = 55
LINK = r"^([^{}]|\{(origin|division|id|account_id)\})+$"
PRICE_DECIMALS = 4
"""The precision of prices that Exact keeps per currency (Exact REST docs, Currencies)."""

WRITING_SETTINGS = th.PropertiesList(
    th.Property(
        "missing_customer",
        th.StringType,
        default="fail",
        allowed_values=["fail", "create"],
        description="What to do with an invoice whose customer has no account in Exact, neither linked nor with its "
        "code: fail, or create the account as a customer.",
    ),
    th.Property(
        "prospects",
        th.StringType,
        default="fail",
        allowed_values=["fail", "promote"],
        description="What to do when the account is a prospect or suspect: fail, or make it a customer. It holds for "
        "invoices, and for companies that became customers.",
    ),
    th.Property(
        "suppliers",
        th.StringType,
        default="fail",
        allowed_values=["fail", "promote"],
        description="What to do when an account that is a supplier only is linked to a company that is a customer or "
        "prospect: fail, or make it that too. A supplier always stays one.",
    ),
    th.Property(
        "classification",
        th.IntegerType(minimum=1, maximum=8),
        default=1,
        description="Number of the classification of accounts that the documents speak of, 1 to 8.",
    ),
    th.Property(
        "missing_supplier",
        th.StringType,
        default="fail",
        allowed_values=["fail", "create"],
        description="What to do with a purchase order whose supplier has no account in Exact, neither linked nor with "
        "its code: fail, or create the account as a supplier.",
    ),
    th.Property(
        "unmarked_supplier",
        th.StringType,
        default="fail",
        allowed_values=["fail", "mark"],
        description="What to do when that account is no supplier, a customer only for instance: fail, or mark it as a "
        "supplier as well.",
    ),
    th.Property(
        "missing_item",
        th.StringType,
        default="fail",
        allowed_values=["fail", "create"],
        description="What to do with a line of a purchase order whose item Exact knows neither by its code nor by the "
        "supplier's: take the fallback that the mapping names and fail without one, or create the item first.",
    ),
    th.Property(
        "supplier_reference_text",
        th.StringType,
        default="Invoice",
        description="What stands before the supplier's invoice number in the remarks of a purchase order.",
    ),
    th.Property(
        "adopt_purchases",
        th.BooleanType,
        default=True,
        description="Look, when the ledger is new, for purchase orders that Exact holds already under our references. "
        "It costs a call per 1,000 orders and lines.",
    ),
    th.Property(
        "vat_rounding",
        th.StringType,
        default="code",
        allowed_values=["code", "line"],
        description="How Exact rounds VAT, to predict its totals before anything is sent: once per VAT code, or line "
        "by line. Exact does not document it.",
    ),
    th.Property(
        "uneven_lines",
        th.StringType,
        default="amount",
        allowed_values=["amount", "fail"],
        description="What to do with a line whose quantity times price is not its amount to the cent: send 1 x amount "
        "and keep quantity and price in the notes, or fail.",
    ),
    th.Property(
        "price_decimals",
        th.IntegerType(minimum=0, maximum=10),
        default=PRICE_DECIMALS,
        description="Decimals of a price that are sent. A line to which this makes a cent of difference goes as under "
        "`uneven_lines`. Exact does not document how it rounds prices.",
    ),
    th.Property(
        "credit_lines",
        th.StringType,
        default="negative",
        allowed_values=["negative", "positive"],
        description="Sign of the lines of a credit note that goes as a sales invoice (type 8021). Exact does not "
        "document it; orders and entries always have negative lines.",
    ),
    th.Property(
        "description_length",
        th.IntegerType,
        default=DESCRIPTION_LENGTH,
        description="Longest description Exact takes. A longer one is shortened there and stands whole in the notes "
        "of the line, or the remarks of the document.",
    ),
    th.Property(
        "entry_vat_amounts",
        th.BooleanType,
        default=False,
        description="Send the VAT amount of each line of a sales entry, where the document has it, instead of letting "
        "Exact compute it.",
    ),
    th.Property(
        "entry_periods",
        th.BooleanType,
        default=False,
        description="Send the period of a line of a sales entry, so that Exact spreads the revenue over it. Invoices "
        "always show the period.",
    ),
    th.Property(
        "attachment_type",
        th.IntegerType,
        default=MISCELLANEOUS,
        description="Type of the document in Exact that holds the attachment: 55 is miscellaneous, 10 sales invoice.",
    ),
    th.Property(
        "email_invoices",
        th.BooleanType,
        default=False,
        description="Let Exact send the invoice to the customer when it is processed (definitive documents only).",
    ),
    th.Property(
        "document_layout",
        th.StringType,
        description="Id of the layout with which Exact prints definitive invoices. Left out: its own choice.",
    ),
    th.Property(
        "adopt",
        th.ArrayType(th.StringType(allowed_values=FORMS)),
        default=FORMS,
        description="Where to look, when the ledger is new, for documents that Exact holds already under our "
        "references. Sales entries cost a call per 60, the others one per 1,000.",
    ),
    th.Property(
        "adopt_from",
        th.DateType,
        description="Look only for documents from this day on. Set it to the day from which the link takes over when "
        "the administration is old and large; earlier invoices must then not be offered.",
    ),
)

WEB_SETTINGS = th.PropertiesList(
    th.Property(
        "web_urls",
        th.ObjectType(
            *(th.Property(name, th.StringType(pattern=LINK)) for name in (*FORMS, "purchase_orders")),
            additional_properties=False,
        ),
        default={},
        description="The links by which people open documents in Exact Online, by form (`sales_invoice`, "
        "`sales_order`, `sales_entry`, `purchase_orders`), with {origin}, {division}, {id} and {account_id} in them. "
        "Exact publishes none but that of an account, so by default a link opens the customer or supplier.",
    ),
)

RECORD_SETTINGS = th.PropertiesList(
    th.Property(
        "keys",
        th.ObjectType(additional_properties=th.ArrayType(th.StringType(min_length=1))),
        default={},
        description="For streams that hold no documents: by which column, or columns together, the row of a record is "
        'known, per stream: {"logistics_items": ["Code"]}. Found: updated; not found: created. A stream that is not '
        "named here goes by the id that Exact Online gave.",
    ),
    th.Property(
        "create_without_key",
        th.BooleanType,
        default=False,
        description="Create a row for each such record that has neither a key nor an id. It makes another row each "
        "time it is offered.",
    ),
    th.Property(
        "nulls",
        th.StringType,
        default="clear",
        allowed_values=["clear", "leave"],
        description="What null in such a record does to a column that has a value: clear it, or leave it.",
    ),
)

SETTINGS = th.PropertiesList(
    *CONNECTION_SETTINGS, *WRITING_SETTINGS, *PARTY_SETTINGS, *WEB_SETTINGS, *RECORD_SETTINGS, *LEDGER_SETTINGS
)
