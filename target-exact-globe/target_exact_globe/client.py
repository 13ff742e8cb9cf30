"""Exact Globe's entity services: REST over NTLM, for one company.

The services run on the Globe server (port 8020) and act as the Windows user who calls, who must be an active employee
in Globe (vendor help, Entity Services). Which company is meant stands in the headers ``ServerName`` and
``DatabaseName`` (jovana/exact-globe-api; omniboost/go-exactglobe-webservices).
"""

from __future__ import annotations

import os
import re
import struct
from collections import Counter
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import quote, urlsplit, urlunsplit

import requests
from requests.adapters import HTTPAdapter
from requests_ntlm import HttpNtlmAuth
from spnego.exceptions import SpnegoError
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from target_exact_globe import answers
from target_exact_globe.advice import advice_on
from transfer_ledger.documents import Problem
from transfer_ledger.exceptions import DocumentFailed, StopRun, Unanswered

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from target_exact_globe.answers import Row

CONNECT_SECONDS = 10


class NotReadable(StopRun):
    """The service answers, and does not let this be read."""


_NOT_LET_IN = re.compile("failed to login to globe", re.IGNORECASE)
_WORKSTATION = re.compile("macaddress", re.IGNORECASE)
_OUT_OF_INSTANCES = re.compile(
    r"creat\w* (an? )?instance|instance of .* (could|can) ?not|outofmemory|out of memory", re.IGNORECASE
)
"""A service that leaks memory answers so until it is restarted (HikitaIkaruga/Exact-Globe-Connect, read me)."""
_NO_HANDSHAKE = (PermissionError, SpnegoError, ValueError, struct.error)
"""What requests-ntlm raises when no challenge follows its first message, or none that can be read; nothing was done."""
UNAUTHORISED, FORBIDDEN, MISSING, SERVER_ERROR = 401, 403, 404, 500


class Client:
    r"""Calls entity services; every error is one of ``transfer_ledger.exceptions``.

    Args:
        url: of the REST service, such as ``http://globe:8020/Services/Exact.Entity.REST.EG``.
        user: Windows user with its domain, ``DOMAIN\\name``.
        password: of that user.
        company: server and database, for the headers.
        seconds: to wait for an answer.
    """

    def __init__(self, url: str, user: str, password: str, company: Mapping[str, str], seconds: float) -> None:
        self.url = _without_user(url).rstrip("/")
        self.user = user
        self.company = company
        self.calls: Counter[str] = Counter()
        self._seconds = seconds
        self._end: StopRun | None = None
        self._session = requests.Session()
        # No proxy of the environment comes between: NTLM signs a connection in. A firm's own certificates are trusted.
        self._session.trust_env = False
        self._session.verify = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("SSL_CERT_FILE") or True
        self._session.auth = HttpNtlmAuth(user, password)
        self._session.headers.update({"Accept": "application/json", **company})
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, HTTPAdapter(pool_maxsize=1, max_retries=0))

    def read(self, entity: str, *, select: Sequence[str], where: str = "") -> Iterator[Row]:
        """Yield the rows of an entity, page by page.

        Raises:
            StopRun: they cannot be read.
        """
        parameters = {"$select": ",".join(select), **({"$filter": where} if where else {})}
        query = "&".join(f"{name}={quote(value, safe='')}" for name, value in parameters.items())
        following: str | None = query
        while following is not None:
            content = self._reading("GET", f"{entity}?{following}")
            page = answers.page_of(content)
            if page is None:
                raise StopRun(f"Exact Globe's answer on {entity} cannot be read.", "Check the setting services_url.")
            rows, following = page
            yield from rows

    def create(self, entity: str, body: Mapping[str, Any]) -> Row:
        """Create a row and return it as the service answers it.

        Raises:
            DocumentFailed: Globe refused it; nothing was created.
            Unanswered: the outcome is unknown.
            StopRun: nothing was sent, or nothing can be.
        """
        content = self._writing("POST", entity, body)
        row = answers.row_of(content)
        if row is None:
            raise Unanswered(f"{entity}: the answer of Exact Globe cannot be read.")
        return row

    def update(self, entity: str, key: str, body: Mapping[str, Any]) -> None:
        """Change some properties of a row; the answer is empty. Raises what ``create`` does."""
        self._writing("MERGE", f"{entity}({key})", body)

    def delete(self, entity: str, key: str) -> None:
        """Delete a row; one that is gone already is no error. Raises what ``create`` does."""
        self._writing("DELETE", f"{entity}({key})", None)

    def description(self) -> bytes | None:
        """Return what the service says of its entities (`$metadata`), None when it says nothing.

        Raises:
            StopRun: there is no answer, or the user is not let in.
        """
        try:
            answer = self._send("GET", f"{self.url}/$metadata", None, {"Accept": "application/xml"})
        except Unanswered as error:
            raise StopRun(error.message, "Run again when Exact Globe's services answer.") from error
        return answer.content if answer.ok else None

    def close(self) -> None:
        """Give back the connection."""
        self._session.close()

    def _reading(self, method: str, path: str) -> bytes:
        try:
            answer = self._send(method, f"{self.url}/{path}", None, {})
        except Unanswered as error:
            raise StopRun(error.message, "Run again when Exact Globe's services answer.") from error
        if answer.ok:
            return answer.content
        text, _ = answers.refusal_of(answer.content)
        entity = path.partition("?")[0]
        raise NotReadable(
            f"Exact Globe did not let {entity} be read (status {answer.status_code}): {text or 'no reason given'}.",
            f"Give {self.user} the right to see it in Globe, or check the product update.",
        )

    def _writing(self, method: str, path: str, body: Mapping[str, Any] | None) -> bytes:
        content = None if body is None else answers.encode(body)
        headers = {} if body is None else {"Content-Type": "application/json"}
        answer = self._send(method, f"{self.url}/{path}", content, headers)
        gone = method == "DELETE" and answer.status_code == MISSING
        if answer.ok or gone:
            return answer.content
        text, from_globe = answers.refusal_of(answer.content)
        if answer.status_code >= SERVER_ERROR and not from_globe:
            raise Unanswered(f"Exact Globe answered with status {answer.status_code} and no reason.")
        message = f"Exact Globe refused it: {text or f'status {answer.status_code}, no reason given'}"
        problem = Problem(field="exact_globe", value=path.partition("(")[0], message=message)
        raise DocumentFailed([problem], advice_on(text), message)

    def _send(self, method: str, url: str, content: bytes | None, headers: Mapping[str, str]) -> requests.Response:
        """Send a request; what concerns the whole run ends it, once: a user who is not let in is not tried again."""
        if self._end is not None:
            raise self._end
        self.calls[method] += 1
        try:
            answer = self._session.request(
                method,
                url,
                data=content,
                headers=headers,
                timeout=(CONNECT_SECONDS, self._seconds),
                allow_redirects=False,
            )
        except (requests.exceptions.RequestException, KeyError) as error:
            # requests-ntlm raises the second when the answer to its first message asks for no other.
            if isinstance(error, requests.exceptions.SSLError):
                self._end = self._untrusted(error)
                raise self._end from error
            if _never_connected(error):
                raise self._unreachable() from error
            raise self._lost(error) from error
        except _NO_HANDSHAKE as error:
            self._end = self._no_handshake()
            raise self._end from error
        if self._concerns_all(answer):
            self._stop(answer)
        return answer

    def _lost(self, error: Exception) -> Unanswered:
        how = "broke off the connection"
        if isinstance(error, requests.exceptions.Timeout):
            how = f"did not answer within {self._seconds:g} seconds"
        return Unanswered(f"Exact Globe's services at {self.url} {how}.", "It is looked for before it is sent again.")

    def _unreachable(self) -> StopRun:
        return StopRun(
            f"Exact Globe's services at {self.url} do not answer.",
            "Check services_url and the firewall, and that the Windows service Exact Entity Services runs.",
        )

    def _untrusted(self, error: Exception) -> StopRun:
        reason = re.search(r"certificate verify failed: ([^(]+)", str(error))
        return StopRun(
            f"No safe connection to {self.url} can be made: {reason[1].strip() if reason else 'TLS failed'}.",
            "Let REQUESTS_CA_BUNDLE name the file of your own authority, or renew the certificate of the proxy.",
        )

    def _no_handshake(self) -> StopRun:
        return StopRun(
            f"The services at {self.url} break off the sign-in of {self.user}: they answer with no NTLM challenge.",
            "Let Windows and a proxy before the services allow NTLM, and the proxy keep connections of clients apart.",
        )

    def _concerns_all(self, answer: requests.Response) -> bool:
        if answer.status_code in (UNAUTHORISED, FORBIDDEN):
            return True
        if answer.ok:
            return False
        text, _ = answers.refusal_of(answer.content)
        return any(pattern.search(text) for pattern in (_NOT_LET_IN, _WORKSTATION, _OUT_OF_INSTANCES))

    def _stop(self, answer: requests.Response) -> NoReturn:
        text, _ = answers.refusal_of(answer.content)
        message, advice = self._why(answer.status_code, text)
        self._end = StopRun(message, advice)
        raise self._end

    def _why(self, status: int, text: str) -> tuple[str, str]:
        server, database = self.company["ServerName"], self.company["DatabaseName"]
        if status == UNAUTHORISED:
            return (
                f"Windows does not let {self.user} in at {self.url}: wrong password, unknown or locked.",
                "Correct username (DOMAIN\\name) and password before the next run; each run tries once.",
            )
        if _WORKSTATION.search(text):
            return (
                f"Exact Globe does not know the machine its services run on: {text}",
                "Add it in Globe under System > HR and Security > Workstation.",
            )
        if _NOT_LET_IN.search(text):
            return (
                f"Exact Globe does not let {self.user} into company {database} on {server}: {text}",
                "Check sql_server and company, and that this user is an active employee in Globe with rights to it.",
            )
        if _OUT_OF_INSTANCES.search(text):
            return (
                f"Exact Globe's services can do no more work: {text}",
                "Restart the Windows service Exact Entity Services, then run again.",
            )
        return (
            f"Exact Globe refuses {self.user} (status {status}): {text or 'no reason given'}.",
            "Give the user rights to sales orders, purchase orders and accounts in Globe.",
        )


def _without_user(url: str) -> str:
    """Return an address without user and password, which belong into their own settings and into no message."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def _never_connected(error: Exception) -> bool:
    """Tell whether the connection was never made, so that nothing was sent: also for what is no address at all."""
    if isinstance(error, (requests.exceptions.ConnectTimeout, ValueError)):
        return True
    reason = getattr(error.args[0], "reason", error.args[0]) if error.args else None
    return isinstance(reason, NewConnectionError | ConnectTimeoutError)
