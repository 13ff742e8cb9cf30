"""The settings of the tap."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from singer_sdk import typing as th

from tap_autotask.auth import API_URL
from tap_autotask.client import MAX_PAGE, USER_AGENT
from tap_autotask.receipts import FIELDS as RECEIPT_FIELDS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

URL = r"^https?://[^/?#@]+(/[^?#]*)?$"
DAY = r"^\d{4}-\d{2}-\d{2}$"
DATE = r"^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?$"
WEB_URL = "{web_url}Autotask/AutotaskExtend/ExecuteCommand.aspx?Code=OpenAccount&AccountID={company_id}"
"""Opens the customer; there is no documented command for an invoice (Autotask ExecuteCommand API)."""

OPERATORS = (
    "eq", "noteq", "gt", "gte", "lt", "lte", "beginsWith", "endsWith", "contains", "exist", "notExist", "in", "notIn",
    "and", "or",
)  # fmt: skip

CONDITIONS = "#/properties/filters/additionalProperties/items"
"""Where the schema of the settings holds ``CONDITION``, which may hold others."""

CONDITION = th.ObjectType(
    th.Property("op", th.StringType(allowed_values=OPERATORS), required=True),
    th.Property("field", th.StringType),
    th.Property("udf", th.BooleanType),
    th.Property("value", th.CustomType({})),
    th.Property("items", th.CustomType({"type": "array", "items": {"$ref": CONDITIONS}})),
    additional_properties=False,
)

SIGN_IN_SETTINGS = th.PropertiesList(
    th.Property(
        "secret",
        th.StringType(min_length=1),
        required=True,
        secret=True,
        description="The secret (password) of that user.",
    ),
    th.Property(
        "integration_code",
        th.StringType(min_length=1),
        required=True,
        secret=True,
        description="The tracking identifier of the integration, from the security tab of that user.",
    ),
    th.Property(
        "api_url",
        th.StringType(pattern=URL),
        default=API_URL,
        description="Who is asked, without credentials, in which zone the tenant lives.",
    ),
    th.Property(
        "zone_url",
        th.StringType(pattern=URL, nullable=True),
        description="Pins the zone, as https://webservices19.autotask.net/ATServicesRest; not set: it is discovered.",
    ),
)
"""What tap and target both need beside the user, of whom each asks other rights."""

SETTINGS = th.PropertiesList(
    th.Property(
        "username",
        th.StringType(min_length=1),
        required=True,
        description="The login of an API-only user in Autotask, which looks like an e-mail address.",
    ),
    *SIGN_IN_SETTINGS,
    th.Property(
        "start_date",
        th.StringType(pattern=DATE, nullable=True),
        description=(
            "Date, or timestamp in UTC: invoices and other appended rows from before are never read, and rows that"
            " are followed by their change marker are read when changed since. Streams that are read whole each time"
            " ignore it. Not set: everything."
        ),
    ),
    th.Property(
        "dated_from",
        th.StringType(pattern=DAY, nullable=True),
        description=(
            "Only invoices dated on or after this day, for comparing a period; expanded_invoices and invoices. Such a"
            " run leaves no state, so that a run without it reads the invoices of other days."
        ),
    ),
    th.Property(
        "dated_until",
        th.StringType(pattern=DAY, nullable=True),
        description="Only invoices dated on or before this day; as `dated_from`.",
    ),
    th.Property(
        "extra_entities",
        th.ArrayType(th.StringType(pattern=r"^[A-Z][A-Za-z0-9]*$")),
        default=[],
        description="More entities to offer as streams, as in the API's paths: [ConfigurationItems].",
    ),
    th.Property(
        "filters",
        th.ObjectType(additional_properties=th.ArrayType(CONDITION)),
        default={},
        description=(
            "More conditions, per stream, in Autotask's own form; all of them have to be met:"
            ' {"companies": [{"op": "eq", "field": "isActive", "value": true}]}. What they leave out of a stream with a'
            " bookmark does not come when they are taken away later, but with a full refresh."
        ),
    ),
    th.Property(
        "include_voided",
        th.BooleanType,
        default=True,
        description="Whether expanded_invoices has voided invoices, and has an invoice again when it was voided.",
    ),
    th.Property(
        "invoice_pdf",
        th.BooleanType,
        default=False,
        description="Whether expanded_invoices carries the PDF of each invoice. It costs one call for each invoice.",
    ),
    th.Property(
        "include_own_company",
        th.BooleanType,
        default=False,
        description="Whether expanded_companies has the company with id 0, which is the tenant's own organisation.",
    ),
    th.Property(
        "receipt_by",
        th.ArrayType(th.StringType(allowed_values=list(RECEIPT_FIELDS))),
        default=list(RECEIPT_FIELDS),
        description=(
            "In what the rows of one goods receipt agree, beside the purchase order and the moment: the person who"
            " received them, the supplier's invoice number. What was offered before a change stays as it was."
        ),
    ),
    th.Property(
        "receipt_seconds",
        th.IntegerType(minimum=0),
        default=60,
        description="How many seconds may lie between two rows of one goods receipt: each item makes a row of its own.",
    ),
    th.Property(
        "settle_minutes",
        th.IntegerType(minimum=0),
        default=10,
        description=(
            "How many minutes no further row of a goods receipt may have come before expanded_goods_receipts has it,"
            " so that it is never split over two runs."
        ),
    ),
    th.Property(
        "web_url_template",
        th.StringType(pattern=r"^([^{}]|\{(web_url|company_id|invoice_id)\})*$"),
        default=WEB_URL,
        description=(
            "The link to an invoice for people, from {web_url} (of the zone), {company_id} and {invoice_id}."
            " The default opens the customer."
        ),
    ),
    th.Property(
        "read_metadata",
        th.BooleanType,
        default=True,
        description=(
            "Whether discovery reads the columns from the tenant's own metadata, with some 40 calls; if not, or"
            " without credentials, those this tap knows are used. A run with a catalog reads none."
        ),
    ),
    th.Property(
        "check_counts",
        th.BooleanType,
        default=True,
        description="Whether the rows read are checked against the server's count, with one more call for each stream.",
    ),
    th.Property(
        "overlap_minutes",
        th.IntegerType(minimum=5),
        default=15,
        description="How many minutes before the last run to look again for rows that became visible late.",
    ),
    th.Property(
        "rescan_days",
        th.IntegerType(minimum=0),
        default=120,
        description=(
            "How many days back the streams invoices and billing_items, which have no change marker, are read again"
            " on each run."
        ),
    ),
    th.Property(
        "remember_file",
        th.StringType(min_length=1, nullable=True),
        description=(
            "A file, of this tap only, in which related rows are kept from run to run, so that invoices and companies"
            " that are read again cost fewer calls; it holds business data and is readable by its owner only. Not set:"
            " none."
        ),
    ),
    th.Property(
        "remember_minutes",
        th.IntegerType(minimum=0),
        default=60,
        description="How old a row from that file may be; 0: none is used.",
    ),
    th.Property(
        "page_size",
        th.IntegerType(minimum=1, maximum=MAX_PAGE),
        default=MAX_PAGE,
        description="Rows a page.",
    ),
    th.Property(
        "hourly_percent",
        th.IntegerType(minimum=0, maximum=100),
        default=75,
        description=(
            "From which percentage of the hour's calls on, those of all integrations of the tenant together, each call"
            " waits, longer as the hour fills."
        ),
    ),
    th.Property(
        "hourly_check_calls",
        th.IntegerType(minimum=0),
        default=100,
        description="After how many calls that percentage is read again, with one call; 0: never.",
    ),
    th.Property(
        "max_retries",
        th.IntegerType(minimum=0),
        default=6,
        description="How often a call is repeated after a passing fault, waiting longer each time.",
    ),
    th.Property(
        "max_wait_minutes",
        th.IntegerType(minimum=0),
        default=60,
        description="How many minutes one call may wait in all, for a full hour to end say, before the run stops.",
    ),
    th.Property(
        "timeout_seconds",
        th.IntegerType(minimum=1),
        default=300,
        description="How many seconds to wait for an answer.",
    ),
    th.Property(
        "user_agent",
        th.StringType(min_length=1),
        default=USER_AGENT,
        description="The User-Agent header.",
    ),
)

SDK_SETTINGS = ("batch_config", "emit_activate_version_messages")
"""What the SDK obeys in every tap, besides what it adds to the schema of this one."""


def unknown(given: Iterable[str], known: Collection[str]) -> list[str]:
    """Return a sentence for each setting that is not known, with the known ones it is nearest to."""
    said = []
    for name in sorted(set(given) - set(known)):
        near = difflib.get_close_matches(name.lower(), known)
        meant = f"did you mean {' or '.join(near)}?" if near else f"known are {', '.join(sorted(known))}"
        said.append(f"{name}: unknown setting; {meant}")
    return said
