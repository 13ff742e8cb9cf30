"""Run the command line interface with ``python -m transfer_ledger``."""

from __future__ import annotations

from transfer_ledger.cli import main

main(prog_name="transfers")
