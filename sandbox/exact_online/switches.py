"""The options under ``exact_online:`` of a scenario: limits, and a switch for what Exact does not document.

Defaults follow the documentation or what was seen live; see README.md beside this file for the source of each.
"""

from __future__ import annotations

import datetime as dt  # noqa: TC003 - msgspec reads the annotations at run time
from typing import Annotated, Literal

import msgspec

from sandbox.exact_online.errors import Language  # noqa: TC001 - as above
from sandbox.exact_online.vat import Rounding  # noqa: TC001 - as above

Count = Annotated[int, msgspec.Meta(ge=0)]
Positive = Annotated[int, msgspec.Meta(ge=1)]


class Switches(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, frozen=True):
    """What the Exact Online half can be told."""

    language: Language = "nl"

    limits: bool = True
    minute_limit: Positive = 60
    day_limit: Positive = 5000
    refused_calls_count: bool = False
    """Whether an answer 429 uses up quota itself."""
    error_limit: Count = 10
    """Answers 400, 401, 403 and 404 an endpoint gives in an hour before it is blocked; 0: never."""
    error_block_status: Literal[403, 429] = 403

    used_token_status: Literal[400, 401] = 401
    reuse_revokes_chain: bool = False
    lose_token_answers: Count = 0
    """So many answers of the token endpoint are lost after the tokens were exchanged."""

    forbidden: dict[str, str] = {}
    """Part of a resource's path, after a method if only that is refused, to the Reason with which it is:
    ``{"salesentry": "LicenseExpired", "PUT crm/Accounts": "BlockedUser"}``."""
    mandatory_filter: bool = True
    filter_only: dict[str, str] = {}
    """Resources to the fields that alone may be filtered on, as Exact changed some without notice
    (picqer/exact-php-client#500, #532): ``{"logistics/SupplierItem": "ID"}``."""
    mandatory_select: bool = True
    max_query_bytes: Positive = 10_000
    create_status: Literal[200, 201] = 201

    vat_rounding: Rounding = "code"
    price_decimals: Annotated[int, msgspec.Meta(ge=0, le=12)] | None = None
    """To how many decimals UnitPrice and NetPrice are rounded when stored; null: not."""
    invoice_vat_posted: bool = False
    """Whether VATAmountFC of an invoice line replaces the computed VAT, as it does in a sales entry."""
    invoice_date_posted: bool = False
    """Whether a posted InvoiceDate is taken; otherwise it is the order date until printing."""
    invoice_number_at: Literal["entry", "printing"] = "printing"
    """When a sales invoice gets its number: a company setting."""
    entry_number: Literal["suggestion", "ignored", "refused"] = "suggestion"
    """What becomes of a posted number: kept when free and increasing; never kept; or an error when not free."""
    credit_note_sign: Literal["posted", "negated"] = "posted"
    """Whether the lines of a credit note are booked with the sign they were posted with."""
    long_text: Literal["refuse", "cut", "keep"] = "refuse"
    """What becomes of a text that is longer than its column."""
    validate_vat_numbers: bool | Literal["digits"] = True
    """Whether a VAT number of a country of the EU has the country's form, or its check digits as well."""
    contact_names: Literal["both", "either"] = "both"
    """Whether a contact needs first and last name: both are marked mandatory, "at least" one is what the text says."""
    first_contact_is_main: bool = False
    """Whether the first contact of an account becomes its main contact by itself."""
    classification_places: bool = True
    """Whether an account's Classification2 must be one of the second name."""
    purchase_items_only: bool = True
    """Whether a line of a purchase order needs an item whose IsPurchaseItem is set."""
    supplier_item_needed: bool = False
    """Whether a line of a purchase order needs a SupplierItem of its supplier."""
    negative_purchases: bool = True
    """Whether a line of a purchase order may have a negative quantity."""
    over_receipt: bool = False
    """Whether more may be received than was ordered: a company setting."""
    split_keeps: Literal["part", "rest"] = "part"
    """Which of the two rows of a split term keeps its ID: the part that is paid, or the rest."""
    unmatch_merges: bool = False
    """Whether the parts of a term become one row again when a match is undone; the other is deleted then."""
    fully_paid: Literal["row", "transaction"] = "row"
    """Whether IsFullyPaid speaks of the row, or of all rows of its transaction."""
    offset_payment_date: bool = False
    """Whether what is credited or written off has a LastPaymentDate as well."""
    closed_until: dt.date | None = None
    """Financial periods that end on or before this date are closed."""

    division_moved: dt.date | None = None
    """When the division moved to another database: then all Timestamps are new."""
    first_timestamp: Positive = 8_812_345_000
