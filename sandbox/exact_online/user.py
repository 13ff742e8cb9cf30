"""Who is signed in: the sandbox has one user, one app and one division."""

from __future__ import annotations

from typing import NamedTuple

CLIENT_ID = "{00000000-0000-4000-8000-000000000001}"
CLIENT_SECRET = "sandbox-client-secret"
FIRST_REFRESH_TOKEN = "sandbox-refresh-token"
"""Accepted once after every reset, so that a test need not go through the consent."""


class User(NamedTuple):
    """The user whose consent the app has."""

    id: str
    name: str
    full_name: str
    email: str


USER = User("0f4b3c2d-1e0f-4a9b-8c7d-6e5f4a3b2c1d", "api@demo-msp.example", "Sanne de Vries", "api@demo-msp.example")
