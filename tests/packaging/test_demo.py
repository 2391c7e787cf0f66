"""The demo notebook as it is handed out: to `make demo`, to Binder, and to whoever opens it in Lab."""

from pathlib import Path

import nbformat
import pytest
import yaml

BINDER = Path(__file__).resolve().parents[2] / "binder"


@pytest.fixture(scope="module", name="notebook")
def _notebook() -> nbformat.NotebookNode:
    return nbformat.read(BINDER / "demo.ipynb", as_version=4)


def test_it_is_a_valid_notebook_without_results(notebook: nbformat.NotebookNode) -> None:
    """Results come from running it; stale ones would be a claim that nobody checks."""
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]

    assert [(cell.outputs, cell.execution_count) for cell in code] == [([], None)] * len(code)


def test_it_has_no_identity_yet(notebook: nbformat.NotebookNode) -> None:
    """With an id in the file, everybody's copy would claim to be the same notebook."""
    assert "runtrack" not in notebook.metadata


def test_nothing_in_it_starts_runtrack(notebook: nbformat.NotebookNode) -> None:
    """It is there because it is installed."""
    assert "load_ext" not in "\n".join(cell.source for cell in notebook.cells)


def test_binder_starts_from_files_that_it_understands() -> None:
    """The versions that the front end is built for and runs in."""
    environment = yaml.safe_load((BINDER / "environment.yml").read_text(encoding="utf-8"))

    assert {"python=3.12", "jupyterlab=4.6", "nodejs=22", "git", "pip"} <= set(environment["dependencies"])
    assert (BINDER / "postBuild").stat().st_mode & 0o111
