"""What documents of several kinds consist of."""

from __future__ import annotations

import msgspec


class Source(msgspec.Struct, kw_only=True):
    """Where a document comes from: enough to find it again and to open it."""

    system: str
    tenant: str
    stream: str
    id: str
    url: str | None = None
    offered: int | None = None
    """How many records this run offers in all, for the progress that is shown; None when unknown."""


class Problem(msgspec.Struct, kw_only=True):
    """Why a document cannot be transferred as it is, and which setting would change that."""

    field: str
    value: str
    message: str
    setting: str | None = None


class Address(msgspec.Struct, kw_only=True):
    """A postal address; ``country`` is the two-letter code."""

    line1: str | None = None
    line2: str | None = None
    postcode: str | None = None
    city: str | None = None
    state: str | None = None
    country: str | None = None
