"""Targets as processes of their own that begin at once: they are forked where the target is imported already."""

from __future__ import annotations

import importlib
import multiprocessing
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from multiprocessing.context import ForkServerProcess
    from pathlib import Path

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["target_autotask.target", "target_exact_online.target"])


def started(target: str, config: dict[str, Any], documents: Path) -> ForkServerProcess:
    """Start a target on documents from a file; what it says goes beside that file.

    Args:
        target: Module and class, such as ``target_exact_online.target:TargetExactOnline``.
        config: Its settings.
        documents: Singer messages.
    """
    process = _CONTEXT.Process(target=_listen, args=(target, config, documents), daemon=True)
    process.start()
    return process


def _listen(target: str, config: dict[str, Any], documents: Path) -> None:
    module, _, name = target.partition(":")
    for descriptor, ending in ((1, "out"), (2, "log")):
        with documents.with_suffix(f".{ending}").open("a") as said:
            os.dup2(said.fileno(), descriptor)
    with documents.open("rb") as messages:
        getattr(importlib.import_module(module), name)(config=config, parse_env_config=False).listen(messages)
