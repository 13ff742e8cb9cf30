"""Signing in: which zone a tenant lives in, and credentials that go to that zone only."""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from requests.auth import AuthBase
from typing_extensions import override

from tap_autotask.exceptions import StopRun

if TYPE_CHECKING:
    from collections.abc import Mapping

    from requests import PreparedRequest

API_URL = "https://webservices2.autotask.net/ATServicesRest"
"""Any zone's host answers zone information for every tenant (Autotask REST docs, Finding resource and zone)."""

LOOPBACK = {"localhost", "127.0.0.1", "::1"}
DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclasses.dataclass(frozen=True)
class Credentials:
    """What Autotask wants with every call (Autotask REST docs, Security and authentication).

    Args:
        username: The login of an API-only user.
        secret: Its password.
        integration_code: The tracking identifier of the integration.

    Raises:
        StopRun: One of them is empty or cannot be a header; the message names the setting, never the value.
    """

    username: str
    secret: str = dataclasses.field(repr=False)
    integration_code: str = dataclasses.field(repr=False)

    def __post_init__(self) -> None:
        for setting in dataclasses.fields(self):
            value = getattr(self, setting.name)
            if not value or value != value.strip() or not value.isprintable():
                raise StopRun(
                    f"The setting {setting.name} is empty, or has a space at an end or a line break. Enter it anew."
                )

    def headers(self) -> dict[str, str]:
        """Return the three headers, written so that they travel as UTF-8."""
        values = {"UserName": self.username, "Secret": self.secret, "ApiIntegrationCode": self.integration_code}
        return {name: value.encode().decode("latin-1") for name, value in values.items()}

    def redact(self, text: str) -> str:
        """Return the text with the secret values blotted out."""
        for value in (self.secret, self.integration_code):
            text = text.replace(value, "***")
        return text


@dataclasses.dataclass(frozen=True)
class Zone:
    """Where a tenant lives.

    Args:
        url: The base of all calls, ending in ``/V1.0/``.
        web_url: Where people open Autotask, ending in ``/``.
        tenant: The id of the customer database.
    """

    url: str
    web_url: str
    tenant: str


def read_zone(answer: Any, pinned: str | None = None) -> Zone:
    """Return the zone that zone information names.

    Args:
        answer: ``{"zoneName", "url", "webUrl", "ci"}``.
        pinned: The setting zone_url, which goes before the answer's ``url``.

    Raises:
        StopRun: The answer is something else, or names an address that credentials may not be sent to.
    """
    fields: Mapping[str, Any] = {k.lower(): v for k, v in answer.items()} if isinstance(answer, dict) else {}
    url, web_url, tenant = fields.get("url"), fields.get("weburl"), fields.get("ci")
    if not isinstance(url, str) or not isinstance(web_url, str) or not isinstance(tenant, int):
        raise StopRun("Zone information has no url, webUrl and ci. Check the setting api_url.")
    where = ("setting zone_url", pinned) if pinned else ("zone information", url)
    return Zone(base_url(*where), web_url.rstrip("/") + "/", str(tenant))


def base_url(source: str, url: str) -> str:
    """Return the address of version 1.0 of the API below a zone's address.

    Args:
        source: Where the address comes from, for the message.
        url: ``https://webservices19.autotask.net/ATServicesRest/``, with or without the version.

    Raises:
        StopRun: The address is no HTTPS address (plain HTTP is for this machine only), or holds a password.
    """
    parts = urlsplit(url)
    safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
    if not safe or not parts.hostname or "@" in parts.netloc:
        raise StopRun(f"The {source} names {_shown(url)}, which is no https:// address without user and password.")
    return re.sub(r"/v1\.0$", "", url.rstrip("/"), flags=re.IGNORECASE) + "/V1.0/"


def _shown(url: str) -> str:
    return repr(re.sub(r"//[^/]*@", "//***@", url))


def origin(url: str) -> tuple[str, str, int]:
    """Return scheme, host and port of an address."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or DEFAULT_PORTS.get(parts.scheme, 0)


class ZoneAuth(AuthBase):
    """Adds the credentials to requests that go to the zone, and to no others.

    Args:
        credentials: What to add.
        zone: Whose origin may have them (PipedreamHQ/pipedream#20388 shows what happens otherwise).
    """

    def __init__(self, credentials: Credentials, zone: Zone) -> None:
        self._credentials = credentials
        self._origin = origin(zone.url)

    @override
    def __call__(self, r: PreparedRequest) -> PreparedRequest:
        if origin(r.url or "") != self._origin:
            raise StopRun(f"Credentials for {self._origin[1]} were asked for another address; nothing was sent.")
        r.headers.update(self._credentials.headers())
        return r


def anonymous(request: PreparedRequest) -> PreparedRequest:
    """Leave a request as it is, also where the machine's .netrc has a password for the host."""
    return request
