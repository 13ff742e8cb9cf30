"""The settings with which a tap or a target reaches Exact Online."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from singer_sdk import typing as th

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

DEFAULT_API_URL = "https://start.exactonline.nl"
DEFAULT_TOKEN_FILE = "exact-online-token.json"  # noqa: S105 - a file name

WEB_URL = "{origin}/docs/CRMAccountCard.aspx?_Division_={division}&AccountID=%7b{id}%7d"
"""The page of an account, as Exact's own pages address it."""

DATE = r"^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?$"

CONNECTION_SETTINGS = th.PropertiesList(
    th.Property(
        "api_url",
        th.StringType,
        default=DEFAULT_API_URL,
        description="Address of your Exact Online: https://start.exactonline.nl, .be, .de, .co.uk, .com, .es or .fr. "
        "Secrets and tokens go to no other.",
    ),
    th.Property(
        "division",
        th.IntegerType,
        required=True,
        description="Code of the administration, as `tap-exact-online-login` lists it; not the number people see.",
    ),
    th.Property(
        "client_id", th.StringType, required=True, description="Client id of your app, from the Exact App Centre."
    ),
    th.Property("client_secret", th.StringType, required=True, secret=True, description="Client secret of that app."),
    th.Property(
        "token_file",
        th.StringType,
        default=DEFAULT_TOKEN_FILE,
        description="Where the tokens are kept, readable by the owner only. Every plugin and process with the same app "
        "shares this one file: Exact Online replaces the refresh token at each use.",
    ),
    th.Property(
        "refresh_token",
        th.StringType,
        secret=True,
        description="A refresh token to start from instead of `tap-exact-online-login`. It is taken over into "
        "`token_file` once, and again only when another value is set here.",
    ),
    th.Property(
        "minute_reserve",
        th.IntegerType,
        default=0,
        description="Calls a minute that are left to other programs on this administration.",
    ),
    th.Property(
        "day_reserve",
        th.IntegerType,
        default=0,
        description="Calls a day that are left to other programs on this administration.",
    ),
)
"""What ``client.connect`` reads."""

TAP_SETTINGS = th.PropertiesList(
    *CONNECTION_SETTINGS.wrapped.values(),
    th.Property(
        "divisions",
        th.ArrayType(th.IntegerType),
        default=[],
        description="Codes of further administrations to read beside `division`. Each has bookmarks of its own.",
    ),
    th.Property(
        "extra_endpoints",
        th.ArrayType(th.StringType),
        default=[],
        description="More endpoints of Exact Online to offer as streams, named as in its documentation: "
        '`["crm/Opportunities", "sync/Payroll/Employees"]` become `crm_opportunities` and `sync_payroll_employees`. '
        "A function takes its parameters after a question mark: "
        "`read/financial/AgingOverviewByAccount?accountId=guid'…'`.",
    ),
    th.Property(
        "start_date",
        th.StringType(pattern=DATE, nullable=True),
        description="Date, or moment in UTC: rows that did not change since are not read in the first run. Streams "
        "that are read whole each time, and feeds of which Exact Online cannot tell where a date begins (accounts, "
        "contacts, items, payment terms among them), ignore it. Not set: everything.",
    ),
    th.Property(
        "deleted_records",
        th.BooleanType,
        default=True,
        description="Whether a row that was deleted comes as a record of its key with `_sdc_deleted_at`, all other "
        "columns null. If not, only the stream `deleted` tells. Costs one call for all streams together.",
    ),
    th.Property(
        "binary_columns",
        th.BooleanType,
        default=False,
        description="Whether logos, pictures and the like are read, base64.",
    ),
    th.Property(
        "skip_forbidden",
        th.BooleanType,
        default=False,
        description="Whether a stream for which the user lacks the right, or the administration the licence, is "
        "skipped with a warning. If not, the run stops there.",
    ),
    th.Property(
        "time_zone",
        th.StringType(nullable=True),
        description="Where the clock of Exact's server hangs, such as Europe/Amsterdam. Not set: in the country of "
        "`api_url`, and the Netherlands for .com.",
    ),
)
"""The settings of the tap."""

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
