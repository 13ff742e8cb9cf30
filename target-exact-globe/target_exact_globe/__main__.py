"""Run the target as ``python -m target_exact_globe``."""

from __future__ import annotations

from target_exact_globe.target import TargetExactGlobe

TargetExactGlobe.cli()
