"""The settings with which a tap or a target reaches Exact Online."""

from __future__ import annotations

from singer_sdk import typing as th

DEFAULT_API_URL = "https://start.exactonline.nl"
DEFAULT_TOKEN_FILE = "exact-online-token.json"  # noqa: S105 - a file name

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
