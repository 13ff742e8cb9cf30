"""The Singer side of the protocol for accounts and companies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from singer_sdk.typing import BooleanType, IntegerType, PropertiesList, Property
from typing_extensions import override

from transfer_ledger.parties.protocol import Linking, PartyProtocol
from transfer_ledger.parties.rehearsal import RehearsedParties
from transfer_ledger.sinks import KeepingSink

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping, Sequence

    from transfer_ledger.documents import Source
    from transfer_ledger.parties.book import LinkBook
    from transfer_ledger.parties.held import Held

PARTY_SETTINGS = PropertiesList(
    Property(
        "link_certain",
        BooleanType,
        default=False,
        title="Link what is certain",
        description="Link a company and an account without asking when nothing at all speaks against it: the same "
        "number, nobody else with it, and no contradiction. Otherwise each pair waits for a person.",
    ),
    Property(
        "alike_percent",
        IntegerType(minimum=0, maximum=100),
        default=25,
        title="How alike is alike",
        description="From how many percent of likeness on a candidate keeps a new account or company from being "
        "created, until a person decided. Higher asks less and creates more doubles: of 1,249 true pairs in the "
        "project's own test, 5 are less alike than 25, 28 than 40, and 94 than 60.",
    ),
)
"""The settings of targets that write accounts or companies."""


class PartySink(KeepingSink):
    """Keeps accounts or companies in step; a subclass says how each is read and written, the protocol says when.

    Nothing is written but in ``create`` and ``update``. Both may raise ``Unanswered``, ``DocumentFailed`` and
    ``StopRun``; so may the others, except that nothing is unanswered there.
    """

    protocol: PartyProtocol

    def held(self) -> MutableMapping[str, Held]:
        """Return all parties of the administration by their keys, inactive ones too; called once a run.

        Read only what changed since the kept copy (``transfer_ledger.parties.held.kept``), which is brought up to date
        here: ``transfers links`` works from it.
        """
        raise NotImplementedError

    def check(self, document: Any, held: Held | None, changes: Mapping[str, Any]) -> None:
        """Check what is about to be written: ``changes`` to a party that is held, or a new one (None).

        Raises:
            DocumentFailed: with every problem found, not only the first.
        """
        raise NotImplementedError

    def find(self, document: Any) -> Sequence[Held]:
        """Ask the receiving system for what an unanswered create may have made."""
        raise NotImplementedError

    def create(self, document: Any) -> Held:
        """Create a party with one call, and return what it holds then; what is left out is handed to ``update``."""
        raise NotImplementedError

    def update(self, document: Any, held: Held, changes: Mapping[str, Any]) -> Held:
        """Write changes and return what is held then. After a lost answer, what is held is read and compared anew."""
        raise NotImplementedError

    def book(self, source: Source) -> LinkBook:
        """Return the links of the side that a document comes from."""
        raise NotImplementedError

    @override
    def setup(self) -> None:
        super().setup()
        rehearsal = self.target.rehearsal
        hooks = self if rehearsal is None else RehearsedParties(self, rehearsal)
        self.protocol = self.target.open_kind(
            self.stream_name,
            lambda ledger, run, outlast: PartyProtocol(
                ledger,
                run,
                self.stream_name,
                hooks,
                outlast,
                read_back=self.read_back if self.reads_back and rehearsal is None else None,
                linking=Linking(self.config["link_certain"], self.config["alike_percent"] / 100),
            ),
        )
