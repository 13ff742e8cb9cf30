"""The arrows between the packages, and the budgets of their files, read from the source."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = {
    path.name: path
    for path in sorted((*ROOT.glob("*/*_*/"), ROOT / "sandbox"))
    if (path / "__init__.py").exists() and (path.parent / "pyproject.toml").exists() and path.parent.name != "tests"
}

MAY_IMPORT = {
    "mapper_autotask_exact": {"transfer_ledger.documents"},
    "sandbox": set(),
    "tap_autotask": set(),
    "tap_exact_online": set(),
    "target_autotask": {"tap_autotask", "transfer_ledger"},
    "target_exact_globe": {"transfer_ledger"},
    "target_exact_online": {"tap_exact_online", "transfer_ledger"},
    "transfer_ledger": set(),
}
NOT_FROM_A_TARGET = {"tap", "streams"}
VAGUE = {"utils", "util", "helpers", "helper", "common", "misc", "manager"}


def _modules(package: str) -> list[Path]:
    return sorted(PACKAGES[package].rglob("*.py"))


def _imports(path: Path) -> set[str]:
    tree = ast.parse(path.read_text())
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


def _allowed(name: str, arrows: set[str]) -> bool:
    return any(name == arrow or name.startswith(f"{arrow}.") for arrow in arrows)


def test_every_package_has_its_arrows() -> None:
    """A package that this page does not know would be checked by nobody."""
    assert set(PACKAGES) == set(MAY_IMPORT)


@pytest.mark.parametrize("package", sorted(MAY_IMPORT))
def test_imports_follow_the_arrows(package: str) -> None:
    """A package imports only itself and what the design's arrows allow."""
    strangers = {
        f"{path.relative_to(ROOT)} imports {name}"
        for path in _modules(package)
        for name in _imports(path)
        if name.split(".")[0] in PACKAGES and not _allowed(name, MAY_IMPORT[package] | {package})
    }
    assert strangers == set()


def test_targets_leave_the_streams_of_taps_alone() -> None:
    """A target uses its system's client and sign-in, never the tap's streams."""
    strangers = {
        name
        for package in ("target_autotask", "target_exact_online")
        for path in _modules(package)
        for name in _imports(path)
        if name.startswith("tap_") and name.split(".")[1] in NOT_FROM_A_TARGET
    }
    assert strangers == set()


def test_nobody_imports_the_sandbox() -> None:
    """The sandbox is judged against the vendors' documentation, so no package may lean on it."""
    users = {
        package
        for package in MAY_IMPORT
        if package != "sandbox"
        and any(name.split(".")[0] == "sandbox" for path in _modules(package) for name in _imports(path))
    }
    assert users == set()


def test_rooms_are_small() -> None:
    """No file passes 400 lines and no function 40, as CONTRIBUTING says."""
    assert "Files of at most 400 lines, functions of at most 40" in (ROOT / "CONTRIBUTING.md").read_text()
    too_long = []
    for package in PACKAGES:
        for path in _modules(package):
            text = path.read_text()
            if text.count("\n") > 400:
                too_long.append(f"{path.relative_to(ROOT)}: {text.count(chr(10))} lines")
            too_long += [
                f"{path.relative_to(ROOT)}: {node.name} has {node.end_lineno - node.lineno + 1} lines"
                for node in ast.walk(ast.parse(text))
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
                and node.end_lineno is not None
                and node.end_lineno - node.lineno + 1 > 40
            ]
    assert too_long == []


def test_names_say_what_is_inside() -> None:
    """No file is called after its being useful."""
    assert {str(path) for package in PACKAGES for path in _modules(package) if path.stem in VAGUE} == set()
