"""Run the tap: ``python -m tap_autotask``."""

from __future__ import annotations

from tap_autotask.tap import TapAutotask

TapAutotask.cli()
