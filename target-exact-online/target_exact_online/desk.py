"""What every step of a document works with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from tap_exact_online.client import Client
    from target_exact_online.master_data import MasterLists
    from transfer_ledger.documents import Voucher
    from transfer_ledger.ledger import Link
    from transfer_ledger.receipts import Found, Receipt


@dataclass(frozen=True)
class Desk:
    """The client, the lists of codes, the settings, and what the ledger does for a step."""

    client: Client
    lists: MasterLists
    settings: Mapping[str, Any]
    save_link: Callable[[Link], None]
    match: Callable[[Voucher, Any, Iterable[Found]], Receipt | None]
