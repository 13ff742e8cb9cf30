"""The settings of the target."""

from __future__ import annotations

from singer_sdk import typing as th

from tap_autotask.settings import SIGN_IN_SETTINGS
from transfer_ledger.parties.sink import PARTY_SETTINGS
from transfer_ledger.settings import LEDGER_SETTINGS

CONNECTION_SETTINGS = th.PropertiesList(
    th.Property(
        "username",
        th.StringType(min_length=1),
        required=True,
        description="The login of an API-only user in Autotask whose security level may write what is to be written.",
    ),
    *SIGN_IN_SETTINGS,
    th.Property(
        "hourly_percent",
        th.IntegerType(minimum=0, maximum=100),
        default=75,
        description="From which percentage of the tenant's hourly calls on each call waits, longer as the hour fills.",
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
        description="How often a call is repeated after a passing fault. A create is repeated only when Autotask "
        "turned it away unseen; otherwise the row is looked up first.",
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
)

WRITING_SETTINGS = th.PropertiesList(
    th.Property(
        "keys",
        th.ObjectType(additional_properties=th.ArrayType(th.StringType(min_length=1))),
        default={},
        description="By which field, or fields together, the row of a record is known, per stream or entity: "
        '{"companies": ["companyNumber"]}. A user-defined field is one too. Found: updated; not found: created. '
        "A stream that is not named here goes by `id`.",
    ),
    th.Property(
        "create_without_key",
        th.BooleanType,
        default=False,
        description="Create a row for each record that has neither a key nor an id. Such a record makes another row "
        "each time it is offered.",
    ),
    th.Property(
        "nulls",
        th.StringType,
        default="clear",
        allowed_values=["clear", "leave"],
        description="What null in a record does to a field that has a value: clear it, or leave it. That Autotask "
        "clears it is not documented; when it does not, the record fails and says so.",
    ),
    th.Property(
        "routes",
        th.ObjectType(additional_properties=th.StringType(pattern=r"^\w+/\{\w+\}/\w+$")),
        default={},
        description="Where rows are written that have a parent, when that is not known or known wrongly: "
        '{"ArticleNotes": "KnowledgeBaseArticles/{articleID}/Notes"}.',
    ),
)

SETTINGS = th.PropertiesList(*CONNECTION_SETTINGS, *WRITING_SETTINGS, *LEDGER_SETTINGS, *PARTY_SETTINGS)
