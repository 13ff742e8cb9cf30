"""The settings of the ledger and of a run, which every target has."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from singer_sdk.typing import BooleanType, IntegerType, PropertiesList, Property, StringType

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

LEDGER_SETTINGS = PropertiesList(
    Property(
        "ledger_url",
        StringType,
        secret=True,
        default="sqlite:///transfers.db",
        title="Ledger",
        description="Database of the ledger: a file, or PostgreSQL when several machines share it.",
    ),
    Property(
        "allow_open",
        BooleanType,
        default=False,
        title="Allow open documents",
        description="End with exit code 0 although documents are open or wait for a person.",
    ),
    Property(
        "lock_timeout",
        IntegerType,
        default=60,
        title="Lock timeout",
        description="Seconds to wait for another run that writes the same kind of document to the same administration.",
    ),
    Property(
        "doubt_seconds",
        IntegerType,
        default=15,
        title="Doubt",
        description="Seconds after a write without an answer during which it may still arrive: a document that is not "
        "found is looked for again after them, before it is sent again.",
    ),
    Property(
        "dry_run",
        BooleanType,
        default=False,
        title="Dry run",
        description="Write nothing and pass on no state: tell for each document what would be created or changed, "
        "field by field, or why it would be refused.",
    ),
    Property(
        "dry_run_file",
        StringType(nullable=True),
        title="File of the dry run",
        description="Where a dry run writes what it tells, one JSON object a document. Left out: only to the log.",
    ),
)
"""The settings every target has; put them in front of its own."""

SDK_SETTINGS = (
    *("stream_maps", "stream_map_config", "faker_config", "flattening_enabled", "flattening_max_depth"),
    *("flattening_max_key_length", "flattening_separator", "batch_config", "batch_size_rows", "add_record_metadata"),
    *("load_method", "hard_delete", "validate_records", "process_activate_version_messages", "default_target_schema"),
)
"""What the SDK has for every target; most of it means nothing for documents, and none of it is refused."""


def unknown(given: Iterable[str], known: Collection[str]) -> list[str]:
    """Return a sentence for each setting that is not known, with the known ones it is nearest to."""
    said = []
    for name in sorted(set(given) - set(known)):
        near = difflib.get_close_matches(name.lower(), known)
        meant = f"did you mean {' or '.join(near)}?" if near else f"known are {', '.join(sorted(known))}"
        said.append(f"{name}: unknown setting; {meant}")
    return said
