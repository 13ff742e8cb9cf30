"""What sinks of both protocols need to write files: the desk, and a name for each attempt at a document."""

from __future__ import annotations

import hashlib
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from typing_extensions import override

from target_exact_globe.file_steps import Desk
from target_exact_globe.importer import Importer
from target_exact_globe.outbox import Outbox
from target_exact_globe.results import Results, Types
from transfer_ledger.sinks import LedgerSink

if TYPE_CHECKING:
    from target_exact_globe.target import TargetExactGlobe
    from transfer_ledger.transfers import Key


class FileRoute(LedgerSink):
    """A sink that may write files: what an earlier run left is handed over first, what is left at the end last."""

    target: TargetExactGlobe

    @override
    def setup(self) -> None:
        super().setup()
        if self.writes_files:
            self.desk.outbox.prepare()
            self.desk.hand_over()

    @override
    def clean_up(self) -> None:
        if self.writes_files:
            self.desk.hand_over()
        super().clean_up()

    @property
    def writes_files(self) -> bool:
        """Whether files are written in this run."""
        return self.target.by_file and not self.config["dry_run"]

    @cached_property
    def desk(self) -> Desk:
        """The folder, its importer and what that says."""
        config, results = self.config, self.config.get("result_folder")
        types = Types(config["rejected_types"], config["accepted_types"])
        said = Results(Path(results) if results else None, types)
        folder = Path(self.target.needed("xml_folder"))
        outbox = Outbox(folder, self.stream_name, config["documents_per_file"], self.target.clock, said.names)
        places = {"server": config["sql_server"], "database": config["company"]}
        importer = Importer(outbox, config["import_command"], places, config["import_seconds"])
        return Desk(outbox, importer, said)


def token(key: Key, attempt: int) -> str:
    """Return the name of one attempt at a document, as part of a file's name."""
    parts = (key.administration, key.kind, key.source_system, key.source_tenant, key.source_stream, key.source_id)
    return f"{hashlib.sha256(chr(10).join(parts).encode()).hexdigest()[:16]}-{attempt}"
