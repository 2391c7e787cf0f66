"""What `pip install` brings: everything that is needed, and nothing else."""

import configparser
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DATA = re.compile(r"^runtrack_jupyter-[^/]+\.data/data/")
LAB = "share/jupyter/labextensions/runtrack-jupyter"

EXPECTED = [
    r"runtrack_jupyter/([a-z_]+/)*[a-z_]+\.py",
    r"runtrack_jupyter/py\.typed",
    r"runtrack_jupyter/server/openapi\.yaml",
    r"runtrack_jupyter-[^/]+\.dist-info/.+",
    rf"{LAB}/(package|install)\.json",
    rf"{LAB}/schemas/runtrack-jupyter/(plugin\.json|package\.json\.orig)",
    rf"{LAB}/static/[\w.-]+\.(js|js\.LICENSE\.txt|json|svg)",
    r"etc/jupyter/jupyter_server_config\.d/runtrack_jupyter\.json",
    r"etc/ipython/ipython_kernel_config\.json",
]


def contents(wheel: Path) -> dict[str, bytes]:
    """Where each file is installed to, and what is in it."""
    with zipfile.ZipFile(wheel) as archive:
        return {DATA.sub("", name): archive.read(name) for name in archive.namelist()}


@pytest.fixture(scope="module", name="files")
def files_of_the_wheel(wheel: Path) -> dict[str, bytes]:
    return contents(wheel)


def test_the_wheel_brings_the_front_end_ready_to_use(files: dict[str, bytes]) -> None:
    """Installing it must not need Node.js."""
    package = json.loads(files[f"{LAB}/package.json"])
    entry = package["jupyterlab"]["_build"]["load"]

    assert f"{LAB}/{entry}" in files
    assert f"{LAB}/schemas/runtrack-jupyter/plugin.json" in files
    assert json.loads(files[f"{LAB}/install.json"])["packageName"] == "runtrack_jupyter"


def test_the_server_extension_is_switched_on_by_installing(files: dict[str, bytes]) -> None:
    config = json.loads(files["etc/jupyter/jupyter_server_config.d/runtrack_jupyter.json"])

    assert config["ServerApp"]["jpserver_extensions"] == {"runtrack_jupyter": True}


def test_kernels_load_the_extension_without_being_told(files: dict[str, bytes]) -> None:
    """By `extra_extensions`: it survives a user's own list of `extensions`."""
    config = json.loads(files["etc/ipython/ipython_kernel_config.json"])

    assert config == {"InteractiveShellApp": {"extra_extensions": ["runtrack_jupyter"]}}


def test_the_command_line_has_both_its_names(files: dict[str, bytes]) -> None:
    entry_points = configparser.ConfigParser()
    name = next(name for name in files if name.endswith(".dist-info/entry_points.txt"))
    entry_points.read_string(files[name].decode())

    assert dict(entry_points["console_scripts"]) == {
        "runtrack": "runtrack_jupyter.cli:main",
        "jupyter-runtrack": "runtrack_jupyter.cli:main",
    }


def test_every_module_of_the_tree_is_in_the_wheel(files: dict[str, bytes]) -> None:
    modules = {str(path.relative_to(ROOT)) for path in (ROOT / "runtrack_jupyter").rglob("*.py")}

    assert modules == {name for name in files if name.endswith(".py")}


def test_nothing_strays_into_the_wheel(files: dict[str, bytes]) -> None:
    """No tests, no sources of the front end, no second copy of the bundle, no left-overs."""
    strays = [name for name in files if not any(re.fullmatch(pattern, name) for pattern in EXPECTED)]

    assert strays == []


def test_the_source_distribution_gives_the_same_wheel_without_node(
    tmp_path: Path, files: dict[str, bytes]
) -> None:
    """Those who package it for a distribution, or install where there is no wheel, have the bundle already."""
    build = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(tmp_path)]
    subprocess.run([*build, "--sdist", str(ROOT)], check=True, stdout=subprocess.DEVNULL)
    with tarfile.open(next(tmp_path.glob("*.tar.gz"))) as archive:
        archive.extractall(tmp_path, filter="data")
    source = next(path for path in tmp_path.iterdir() if path.is_dir())
    bare = tmp_path / "bin"
    bare.mkdir()
    (bare / "python").symlink_to(shutil.which("python") or sys.executable)

    subprocess.run(
        [*build, "--wheel", str(source)],
        check=True,
        env={**os.environ, "PATH": str(bare)},
        stdout=subprocess.DEVNULL,
    )

    assert set(contents(next(tmp_path.glob("*.whl")))) == set(files)
