"""``python -m sandbox --port 8765 [--globe-port 8766] [--host 127.0.0.1] [--seed N] [--scenario FILE]``."""

from __future__ import annotations

import argparse
import ipaddress
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import uvicorn

from sandbox.app import Sandbox
from sandbox.options import OptionsError, read
from sandbox.server import configure, listen

if TYPE_CHECKING:
    import socket

PORT, GLOBE_PORT = 8765, 8766


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
    parser.add_argument("--port", type=int, default=PORT)
    parser.add_argument("--globe-port", type=int, help="Exact Globe's; by default 8766, or any free one beside --port")
    parser.add_argument("--seed", type=int, help="another number, another MSP")
    parser.add_argument("--scenario", type=Path, help="options in YAML or JSON, see sandbox/README.md")
    return parser.parse_args(arguments)


def main(arguments: list[str]) -> int:
    """Serve until interrupted; return the exit code."""
    options = parse(arguments)
    try:
        scenario: dict[str, Any] = read(options.scenario) if options.scenario else {}
        sandbox = Sandbox(scenario | ({} if options.seed is None else {"seed": options.seed}))
        with ExitStack() as stack:
            sockets = [stack.enter_context(listen(options.host, port)) for port in _ports(options)]
            _serve(sandbox, options.host, sockets)
    except (OptionsError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


def _serve(sandbox: Sandbox, host: str, sockets: list[socket.socket]) -> None:
    port, sandbox.globe_port = (listening.getsockname()[1] for listening in sockets)
    sys.stdout.write(f"sandbox: http://{host}:{port}/_sandbox/\n")
    sys.stdout.write(f"Exact Globe: http://{host}:{sandbox.globe_port}/Services/Exact.Entity.REST.EG\n")
    sys.stdout.flush()
    uvicorn.Server(configure(sandbox)).run(sockets=sockets)


def _ports(options: argparse.Namespace) -> tuple[int, int]:
    """Return the port of the sandbox and that of Exact Globe, which is any free one unless told or usual."""
    usual = GLOBE_PORT if options.port == PORT else 0
    return options.port, usual if options.globe_port is None else options.globe_port


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
