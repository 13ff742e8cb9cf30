"""Run the mapper: `python -m mapper_autotask_exact`."""

from __future__ import annotations

from mapper_autotask_exact.mapper import MapperAutotaskExact

MapperAutotaskExact.cli()
