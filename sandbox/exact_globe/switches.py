"""The options under ``exact_globe:`` of a scenario: sign-in, versions, and a switch for what nobody documents."""

from __future__ import annotations

import datetime as dt  # noqa: TC003 - msgspec reads the annotations at run time
from typing import Annotated, Literal

import msgspec

Count = Annotated[int, msgspec.Meta(ge=0)]
Positive = Annotated[int, msgspec.Meta(ge=1)]
Name = Annotated[str, msgspec.Meta(min_length=1, pattern="^[^:\\r\\n]+$")]
"""Colons part the fields of the file that holds users."""


class Switches(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, frozen=True):
    """What the Exact Globe half can be told. README.md beside this file says what is inferred."""

    server_name: Name = "SANDBOX\\EXACT"
    database_name: Name = "100"
    domain: Name = "DEMO"
    username: Name = "svc-autotask"
    password: Name = "sandbox-password"
    stranger: Name = "visitor"
    """A user of the domain with the same password, who is no employee in Globe."""
    lock_out: Count = 10
    """Failed sign-ins in a row that lock a user until a reset; 0: never."""
    sign_in: Literal["connection", "request"] = "connection"
    """What a handshake is good for."""
    workstation_known: bool = True
    forbidden: list[str] = []
    """Entities for which the employee has no rights."""

    product_update: Annotated[int, msgspec.Meta(ge=405)] = 415
    page_size: Positive = 100
    max_query_bytes: Positive = 16384
    """Longer query strings are refused."""
    create_status: Literal[200, 201] = 201
    refusal_status: Literal[400, 500] = 500
    memory_leak_after: Count = 0
    """Requests that are worked on until instances can no longer be created, to the next reset; 0: any number."""

    staged_line_id: Literal["own", "zero"] = "own"
    staged_lines_visible: bool = True
    refused_header_keeps_lines: bool = True
    duplicate_number: Literal["reject", "update", "second"] = "reject"
    """What becomes of an order whose number, sent along, exists."""
    flagged_mandatory: bool = False
    digits_only: bool = False
    long_text: Literal["refuse", "cut"] = "refuse"
    excess_decimals: Literal["round", "refuse", "keep"] = "round"
    pad_additional_fields: bool = True
    vat_rounding: Literal["code", "line"] = "code"
    strict_xml: bool = False
    """Whether the importer minds the order of elements, and all else that the schema says."""
    existing_account: Literal["update", "skip", "reject"] = "update"
    purchase_order_letter: Literal["B", "I"] = "B"
    create_master_data: bool = False
    import_code_page: str = ""
    """Letters that it lacks become question marks on import; empty: all are kept."""
    error_files_directory: str = ""
    """Where the importer leaves its logs; empty: in a folder of the user who imports."""
    error_file_name: str = "{stem}_{time}.xml"
    error_file_lists: Literal["all", "rejected"] = "all"
    import_exit_code: Annotated[int, msgspec.Meta(ge=0, le=255)] = 0
    """Of the importer, when something was refused."""
    import_seconds: Annotated[float, msgspec.Meta(ge=0)] = 0.0
    """How long the importer takes before each record, real seconds."""

    invoice_codes: tuple[str, ...] = ("1",)
    """Series of invoices that exist."""
    closed_until: dt.date | None = None
    """Periods that end on or before this date are closed."""
    invoice_number_at: Literal["entry", "processing"] = "entry"
    """When a sales invoice gets its number."""
    process_invoices: bool = False
    """Whether an invoice appears in the history at once; otherwise a person has to process it first."""
