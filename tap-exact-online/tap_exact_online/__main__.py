"""Run the tap: ``python -m tap_exact_online``."""

from __future__ import annotations

from tap_exact_online.tap import TapExactOnline

TapExactOnline.cli()
