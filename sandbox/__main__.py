"""``python -m sandbox --port 8765 [--host 127.0.0.1] [--seed N] [--scenario FILE]``."""

from __future__ import annotations

import argparse
import ipaddress
import sys
from pathlib import Path
from typing import Any

import uvicorn

from sandbox.app import Sandbox
from sandbox.options import OptionsError, read
from sandbox.server import configure


def loopback(host: str) -> str:
    """Return the host when only this machine can reach it.

    Raises:
        argparse.ArgumentTypeError: Others could reach it: the sandbox has made-up secrets and control routes.
    """
    try:
        is_loopback = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        is_loopback = False
    if not is_loopback:
        raise argparse.ArgumentTypeError(f"{host!r} is no loopback address; the sandbox listens on this machine only")
    return host


def parse(arguments: list[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m sandbox", description="Autotask and Exact, simulated.")
    parser.add_argument("--host", type=loopback, default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8765)
    parser.add_argument("--seed", type=int, help="another number, another MSP")
    parser.add_argument("--scenario", type=Path, help="options in YAML or JSON, see sandbox/README.md")
    return parser.parse_args(arguments)


def main(arguments: list[str]) -> int:
    """Serve until interrupted; return the exit code."""
    options = parse(arguments)
    try:
        scenario: dict[str, Any] = read(options.scenario) if options.scenario else {}
        sandbox = Sandbox(scenario | ({} if options.seed is None else {"seed": options.seed}))
    except OptionsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write(f"sandbox: http://{options.host}:{options.port}/_sandbox/\n")
    sys.stdout.flush()
    uvicorn.Server(configure(sandbox, options.host, options.port)).run()
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
