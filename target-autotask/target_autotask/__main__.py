"""Run the target as ``python -m target_autotask``."""

from __future__ import annotations

from target_autotask.target import TargetAutotask

TargetAutotask.cli()
