"""The house rules that a machine can hold."""

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parents[2]
CONTRACTS: list[dict[str, Any]] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))[
    "tool"
]["importlinter"]["contracts"]

# For each contract: where a forbidden import is planted, and what.
PLANTED = {
    "Layers of the house": [
        ("errors", "import runtrack_jupyter.model"),
        ("model", "import runtrack_jupyter.store"),
        ("capture/planted", "import runtrack_jupyter.state"),
        ("state/planted", "import runtrack_jupyter.store"),
        ("store/planted", "import runtrack_jupyter.lineage"),
        ("lineage/planted", "import runtrack_jupyter.tracking"),
        ("tracking/planted", "import runtrack_jupyter.kernel"),
        ("kernel/planted", "import runtrack_jupyter.server"),
        ("server/planted", "import runtrack_jupyter.cli"),
        ("cli/planted", "import runtrack_jupyter.kernel"),
        ("planted", "import runtrack_jupyter.errors"),  # a new package has to be given its place
    ],
    "IPython only in the kernel adapter": [
        ("tracking/planted", "import IPython"),
        ("server/planted", "from ipykernel import comm"),
    ],
    "tornado only in the server": [
        ("kernel/planted", "import tornado.web"),
        ("store/planted", "import tornado"),
    ],
    "GitPython only in the store": [
        ("tracking/planted", "import git"),
        ("server/planted", "from git import Repo"),
    ],
    "What a kernel loads is light": [
        ("kernel/planted", "import git"),
        ("kernel/planted", "def late() -> None:\n    import nbformat"),
        ("capture/planted", "import pandas"),
        ("store/segment", "import git"),  # which the kernel writes with
    ],
}


def lint_imports(tree: Path) -> str:
    """What import-linter prints for a tree."""
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=tree,
        check=False,
        stdout=subprocess.PIPE,
        text=True,
    )
    return re.sub(r"\x1b\[\d+m", "", done.stdout)


@pytest.fixture(name="tree")
def copy_of_the_tree(tmp_path: Path) -> Path:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copytree(
        ROOT / "runtrack_jupyter",
        tmp_path / "runtrack_jupyter",
        ignore=shutil.ignore_patterns("labextension", "__pycache__"),
    )
    return tmp_path


def test_the_tree_keeps_every_contract(tree: Path) -> None:
    assert f"Contracts: {len(CONTRACTS)} kept, 0 broken." in lint_imports(tree)


@pytest.mark.parametrize("contract", [contract["name"] for contract in CONTRACTS])
def test_each_import_contract_notices_what_it_forbids(tree: Path, contract: str) -> None:
    """A contract that cannot be broken protects nothing."""
    missed = []
    for where, line in PLANTED[contract]:
        path = tree / "runtrack_jupyter" / f"{where}.py"
        before = path.read_text(encoding="utf-8") if path.exists() else None
        path.write_text(f"{before or ''}\n{line}\n", encoding="utf-8")
        if f"{contract} BROKEN" not in lint_imports(tree):
            missed.append((where, line))
        if before is None:
            path.unlink()
        else:
            path.write_text(before, encoding="utf-8")

    assert missed == []


def tracked(*patterns: str) -> list[Path]:
    """The files under version control."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--", *patterns], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True
    )
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_what_is_imported_is_declared_and_what_is_declared_is_imported() -> None:
    """A missing dependency breaks an installation, a needless one burdens all of them."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = {"python-ulid": "ulid"}
    declared = {re.split(r"[^\w-]", line)[0] for line in project["dependencies"]}
    imported = {
        name.split(".")[0]
        for path in tracked("runtrack_jupyter/*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    # ipykernel brings IPython and traitlets and is what we live in, Jupyter Server brings tornado; pandas and
    # ipywidgets are the user's own.
    ours = {"ipykernel", "IPython", "traitlets", "jupyter_server", "tornado", "runtrack_jupyter"}
    aside = {*ours, "pandas", "ipywidgets"}

    used = imported - set(sys.stdlib_module_names) - aside
    assert used == {named.get(name, name) for name in declared} - aside


def test_files_are_short_enough_to_be_read() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in tracked("*.py", "*.ts", "*.tsx")
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > 400
    }

    assert long == {}


def test_modules_are_nouns_and_not_drawers() -> None:
    drawer = re.compile(r"(utils?|helpers?|common|base|managers?|misc)\.(py|tsx?)")

    assert [path for path in tracked("*.py", "*.ts", "*.tsx") if drawer.fullmatch(path.name)] == []


def test_no_place_of_one_machine_and_no_registry_is_named() -> None:
    """The project is built anywhere, with the package registries that are configured there."""
    # The brackets keep this line from finding itself.
    named = re.compile(
        r"/[w]ork/|/[f]arm/|/[.]library|registry[.][n]pmjs|registry[.][y]arnpkg|[p]ythonhosted",
        re.IGNORECASE,
    )
    found = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in tracked()
        for match in named.finditer(path.read_bytes().decode("utf-8", "ignore"))
    ]

    assert found == []


def test_lock_files_name_no_host() -> None:
    assert [path for path in tracked("*.lock") if "://" in path.read_text(encoding="utf-8")] == []
