"""What the sinks of documents with amounts have in common: the lists of codes, the links, and how a check ends."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from typing_extensions import override

from tap_exact_online.settings import WEB_URL
from target_exact_online.account_steps import LINKED
from target_exact_online.desk import Desk
from target_exact_online.translation import reading
from transfer_ledger.sinks import DocumentSink, PreparedT

if TYPE_CHECKING:
    from collections.abc import Callable

    from target_exact_online.findings import Findings
    from target_exact_online.master_data import MasterLists
    from target_exact_online.target import TargetExactOnline
    from transfer_ledger.documents import Voucher
    from transfer_ledger.ledger import Link
    from transfer_ledger.receipts import Receipt


class VoucherSink(DocumentSink[PreparedT]):
    """Writes documents with amounts to Exact Online."""

    target: TargetExactOnline

    @cached_property
    def lists(self) -> MasterLists:
        """The codes of Exact Online."""
        return self.target.lists

    @cached_property
    def desk(self) -> Desk:
        """What the steps work with."""
        return Desk(self.target.client, self.lists, self.target.config, self.save_link, self.match)

    def checked(self, check: Callable[[], tuple[PreparedT, Findings]]) -> PreparedT:
        """Return what a check prepares, judged by lists that are up to date.

        Raises:
            DocumentFailed: with every problem found.
        """
        while True:
            prepared, findings = check()
            with reading():
                newer = self.lists.refresh(findings.blamed if findings.problems else findings.used)
            if not newer:
                break
        if findings.problems:
            raise findings.failure()
        return prepared

    @override
    def web_url(self, document: Voucher, partner_key: str | None, receipt: Receipt) -> str | None:
        client, template = self.target.client, self.config["web_urls"].get(document.sought_as or self.stream_name)
        places = {"origin": client.origin, "division": client.division, "id": receipt.id, "account_id": partner_key}
        if template is not None:
            return str(template).format(**places)
        return None if partner_key is None else WEB_URL.format(**places | {"id": partner_key})

    def link_of(self, document: Voucher) -> Link | None:
        """Return the link of the document's customer or supplier."""
        source = document.source
        return self._links.get((source.system, source.tenant, document.partner.id))

    @cached_property
    def _links(self) -> dict[tuple[str, str, str], Link]:
        return self.target.ledger.links(self.target.administration, LINKED)

    def save_link(self, link: Link) -> None:
        """Keep a link that was just made."""
        self.target.ledger.save_link(self.target.administration, link)
        self._links[link.source_system, link.source_tenant, link.source_id] = link
