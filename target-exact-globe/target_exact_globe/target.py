"""The Singer target for Exact Globe."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

from typing_extensions import override

from target_exact_globe import check
from target_exact_globe.accounts.sink import Accounts
from target_exact_globe.client import Client
from target_exact_globe.lists import Lists
from target_exact_globe.metadata import Metadata
from target_exact_globe.settings import SETTINGS
from target_exact_globe.sinks import PurchaseOrders, SalesInvoices
from transfer_ledger.exceptions import StopRun
from transfer_ledger.programs import check_program
from transfer_ledger.target import DocumentTarget

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from transfer_ledger.documents import Problem
    from transfer_ledger.rehearsal import Finding
    from transfer_ledger.sinks import LedgerSink


class TargetExactGlobe(DocumentTarget):
    """Writes documents to one company of Exact Globe."""

    name = "target-exact-globe"
    config_jsonschema = SETTINGS.to_dict()
    sink_classes: ClassVar[dict[str, type[LedgerSink]]] = {
        "accounts": Accounts,
        "purchase_orders": PurchaseOrders,
        "sales_invoices": SalesInvoices,
    }

    @property
    @override
    def administration(self) -> str:
        return f"exact_globe/{self.config['company']}"

    @property
    def by_file(self) -> bool:
        """Whether documents go into files."""
        return bool(self.config["route"] == "xml")

    @property
    def can_ask(self) -> bool:
        """Whether Globe's entity services can be asked for what it holds."""
        return not self.by_file or bool(self.config.get("services_url"))

    def needed(self, name: str) -> str:
        """Return a setting that the chosen route cannot do without.

        Raises:
            StopRun: it is not set.
        """
        value = self.config.get(name)
        if not value:
            raise StopRun(f"The setting {name} is not set.", f"`route: {self.config['route']}` needs it.")
        return str(value)

    @cached_property
    def client(self) -> Client:
        """The client of the entity services; nothing is sent before it is used."""
        company = {"ServerName": self.config["sql_server"], "DatabaseName": self.config["company"]}
        url, user, password = (self.needed(name) for name in ("services_url", "username", "password"))
        return Client(url, user, password, company, self.config["timeout_seconds"])

    @cached_property
    def lists(self) -> Lists:
        """The codes of the company."""
        return Lists(self.client)

    @cached_property
    def metadata(self) -> Metadata:
        """What the services have properties for."""
        return Metadata(self.client)

    @override
    def examine(self) -> Iterable[Finding]:
        return check.findings(self.lists) if self.can_ask else ()

    @override
    def examined_facts(self) -> Sequence[str]:
        company = f"company {self.config['company']} on {self.config['sql_server']}"
        return [company if self.can_ask else f"{company}: nothing can be asked without services_url"]

    @override
    def choices(self, problem: Problem) -> Sequence[str]:
        return check.choices(self.lists, problem) if self.can_ask else ()

    @override
    def summary_facts(self) -> Sequence[str]:
        if "client" not in self.__dict__:
            return []
        return [f"{self.client.calls.total():,} calls to Exact Globe"]

    @override
    def calls_used(self) -> int | None:
        return self.client.calls.total() if "client" in self.__dict__ else None


check_command = check_program(TargetExactGlobe)
"""The program ``target-exact-globe-check``."""
