"""Templates: filled in one language, with everything from outside escaped. Needs the extra ``page``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

import jinja2

from transfer_ledger.wording import LANGUAGES
from transfer_ledger.wording.names import ACTIONS, ENDS, EVENTS, FIELDS, KINDS, STANDINGS, TABLES, administration

if TYPE_CHECKING:
    from pathlib import Path

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def environment(folder: Path) -> jinja2.Environment:
    """Return the templates of a folder."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        autoescape=True,
        finalize=harmless,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {
        "STANDINGS": STANDINGS,
        "KINDS": KINDS,
        "EVENTS": EVENTS,
        "ENDS": ENDS,
        "ACTIONS": ACTIONS,
        "FIELDS": FIELDS,
        "TABLES": TABLES,
        "LANGUAGES": LANGUAGES,
        "administration": administration,
        "query": query,
    }
    made.filters["link"] = link
    return made


def harmless(value: object) -> object:
    """Return a text without the control characters that HTML does not allow, each marked by a sign."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", value) if type(value) is str else value


def link(url: str | None) -> str | None:
    """Return a URL a browser may follow, None for anything else: what is in the ledger came from outside."""
    try:
        return url if url and urlsplit(url).scheme in {"http", "https"} else None
    except ValueError:
        return None


def query(**values: object) -> str:
    """Return what of a choice is filled in, as the query of a URL."""
    filled = {name: value for name, value in values.items() if value not in (None, "")}
    return f"?{urlencode(filled)}" if filled else ""
