"""Run the target as ``python -m target_exact_online``."""

from __future__ import annotations

from target_exact_online.target import TargetExactOnline

TargetExactOnline.cli()
