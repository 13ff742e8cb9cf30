"""Compare the golden cases, or write them anew: `python -m tests.golden --write [CASE ...] [--force]`."""

from __future__ import annotations

import argparse
import sys

from tests.golden.cases import COLUMNS, cases, difference, write


def main(arguments: list[str] | None = None) -> int:
    """Compare or write; the exit code is 1 when something differs or was not written."""
    parser = argparse.ArgumentParser(prog="python -m tests.golden", description=__doc__)
    parser.add_argument("--write", action="store_true", help="write the columns; a file that differs is kept")
    parser.add_argument("--force", action="store_true", help="write also over files that differ")
    parser.add_argument("case", nargs="*", help="only these")
    options = parser.parse_args(arguments)
    chosen = [case for case in cases() if not options.case or case.folder.name in options.case]
    unknown = set(options.case) - {case.folder.name for case in chosen}
    if unknown:
        parser.error(f"there is no case {', '.join(sorted(unknown))}")
    pairs = [(case, column) for case in chosen for column in COLUMNS]
    if options.write:
        said = [write(case, column, force=options.force) for case, column in pairs]
        print("\n".join(said))  # noqa: T201 - this is what the command is for
        return int(any("NOT" in line for line in said))
    found = [text for case, column in pairs if (text := difference(case, column))]
    print("\n\n".join(found) or f"{len(chosen)} cases agree")  # noqa: T201 - this is what the command is for
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
