"""The options under ``autotask:`` of a scenario: credentials, limits, and a switch for what is not documented.

Defaults are what the vendor documents or what users saw; what nobody could tell is marked as inferred.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

Count = Annotated[int, msgspec.Meta(ge=0)]
Seconds = Annotated[float, msgspec.Meta(ge=0)]


class Switches(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, frozen=True):
    """What the Autotask half can be told."""

    username: str = "api@demo-msp.example"
    secret: str = "sandbox-secret"
    integration_code: str = "SANDBOXINTEGRATIONCODE00001"

    lock_out: Count = 10
    """Failed sign-ins in a row that lock the user; 0: never. In Autotask it is a system setting."""
    unauthorized_body: Literal["errors", "empty"] = "errors"
    """The body of a 401 (inferred)."""
    threads: Count = 3
    """Requests at the same time per entity and integration code; 0: any (REST docs, Thread Limiting)."""
    latency: Seconds = 0.0
    """What each request takes; without it nothing is ever at the same time."""
    threshold: Count = 10_000
    """Requests in 60 minutes per database; 0: any (REST docs, Thresholds and Limits)."""
    threshold_used: Count = 0
    """Requests of the last hour that other integrations made."""
    threshold_status: Literal[429, 500] = 429
    """The status above the threshold (inferred)."""
    progressive_delay: bool = False
    """Whether requests slow down as the hour fills: 0.5 s from 50 %, 1 s from 75 %."""

    missing_row: Literal["404", "null"] = "404"
    """What a get of an unknown id answers; users saw both."""
    null_clears: bool = True
    """Whether null in a PATCH empties the field (inferred); otherwise it is ignored."""
    voided_invoices: Literal["written", "refused", "ignored"] = "written"
    """What becomes of a change to a voided invoice (inferred): done, refused, or answered as if it were done."""
    udf_edits_tracked: bool = True
    """Whether an edit of only user-defined fields moves the modified date (inferred)."""
    url_limit: Count = 2048
    """Characters in the URL of a GET beyond which IIS knows no such page."""

    forbidden: list[str] = []
    """Entities that the API user's security level does not allow."""
    forbidden_metadata: Literal["refused", "told"] = "refused"
    """Whether the information about such an entity is refused too, or says that nothing is allowed (inferred)."""
    restricted: list[str] = []
    """Entities of which it allows some rows only; told in the metadata, and nothing is hidden here (inferred)."""
    access_levels: Literal["names", "numbers"] = "names"
    """How the metadata writes what the user may do; which of them comes is not settled (inferred)."""
    fields: dict[str, str] = {}
    """Changes to the catalogue: ``{"Companies.billToCity": "string(50)"}``."""
