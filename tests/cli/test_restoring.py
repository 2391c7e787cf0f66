"""Going back from a terminal: a copy beside the notebook, or variables in a living kernel."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from jupyter_client.manager import start_new_kernel

from runtrack_jupyter.store.layout import git_folder
from tests.cli.conftest import Run
from tests.cli.story import Story

ROOT = str(Path(__file__).parents[2])


def test_the_notebook_of_a_run_is_written_beside_the_present_one(runtrack: Run, story: Story) -> None:
    before = story.notebook.read_bytes()

    result = runtrack("restore", "#1")

    copy = story.notebook.with_name("credit_scoring-run1.ipynb")
    assert result.exit_code == 0
    assert str(copy) in result.stdout
    document = json.loads(copy.read_bytes())
    nbformat.validate(document)
    assert [cell["source"] for cell in document["cells"]] == [
        "# Credit default",
        "df = load('data/applications.csv')",
        "token = 's3cr3t-token-value'",  # put back: its value is in the environment
        "accuracy = fit(df)\nprint(accuracy)",
    ]
    assert document["metadata"]["runtrack"]["forked_from"] == story.runs[0].run_id
    assert document["metadata"]["runtrack"]["id"] != story.teller.notebook_id
    assert story.notebook.read_bytes() == before


def test_no_file_is_ever_replaced(runtrack: Run, story: Story) -> None:
    first = json.loads(runtrack("restore", "1", "--json").stdout)["document"]["path"]
    content = Path(first).read_bytes()

    second = json.loads(runtrack("restore", "1", "--json").stdout)["document"]["path"]
    refused = runtrack("restore", "1", "--output", story.notebook)

    assert Path(second).name == "credit_scoring-run1-2.ipynb"
    assert Path(first).read_bytes() == content
    assert (refused.exit_code, "nothing is ever replaced" in refused.stderr) == (2, True)


def test_a_secret_that_is_nowhere_any_more_is_said(
    runtrack: Run, story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HUB_TOKEN")
    story.notebook.unlink()

    result = runtrack("restore", "1", columns=120)

    assert result.exit_code == 0
    assert "HUB_TOKEN" in result.stdout
    assert "s3cr3t" not in story.notebook.with_name("credit_scoring-run1.ipynb").read_text()


def test_a_step_has_a_document_too_and_says_how_it_was_made(runtrack: Run, story: Story) -> None:
    step = story.teller.history().steps()[3]

    result = runtrack("restore", step.step_id)

    document = json.loads(story.notebook.with_name("credit_scoring-step4.ipynb").read_bytes())
    nbformat.validate(document)
    assert "put together from the executed cells" in result.stdout


def test_without_the_repository_a_document_is_made_from_the_steps(runtrack: Run, story: Story) -> None:
    git_folder(story.store).rename(story.store / "away")

    told = json.loads(runtrack("restore", "1", "--json").stdout)["document"]

    assert told["document_origin"] == "reconstructed"
    assert [gap["subject"] for gap in told["gaps"]] == ["document"]
    nbformat.validate(json.loads(Path(told["path"]).read_bytes()))


def test_variables_without_a_kernel_are_a_usage_error(runtrack: Run, story: Story) -> None:
    result = runtrack("restore", "1", "--variables")

    assert result.exit_code == 2
    assert "--kernel" in result.stderr


def test_a_kernel_that_is_not_there_is_said(runtrack: Run, story: Story, tmp_path: Path) -> None:
    dead = tmp_path / "kernel-dead.json"
    ports = {f"{name}_port": 1 for name in ("shell", "iopub", "stdin", "control", "hb")}
    dead.write_text(
        json.dumps(
            {**ports, "ip": "127.0.0.1", "transport": "tcp", "key": "k", "signature_scheme": "hmac-sha256"}
        )
    )

    for kernel in ("nope", str(dead)):
        result = runtrack("restore", "1", "--kernel", kernel, "--timeout", 1)
        assert result.exit_code == 6
        assert result.stderr.splitlines()[-1].startswith("Error: ")


def test_a_folder_that_cannot_be_written_is_exit_code_5(runtrack: Run, story: Story) -> None:
    result = runtrack("restore", "1", "--output", story.notebook.parent / "none" / "a.ipynb")

    assert result.exit_code == 5


class Kernel:
    """A kernel that records, and what its user types."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        environ = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(filter(None, (ROOT, os.environ.get("PYTHONPATH")))),
        }
        self.manager, self.client = start_new_kernel(kernel_name="python3", cwd=str(folder), env=environ)
        self.run("%load_ext runtrack_jupyter")

    def run(self, code: str) -> str:
        """Run a cell; return what it printed."""
        printed: list[str] = []

        def hear(message: Any) -> None:
            printed.append(message["content"].get("text", ""))

        self.client.execute_interactive(code, timeout=60, output_hook=hear)
        return "".join(printed)

    def runtrack(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Call the command line as a program of its own, in the kernel's folder."""
        environ = {**os.environ, "PYTHONPATH": ROOT}
        return subprocess.run(
            [sys.executable, "-c", "from runtrack_jupyter.cli import main; main()", *arguments],
            cwd=self.folder, env=environ, capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip

    def end(self) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


@pytest.fixture(name="kernel")
def _kernel(tmp_path: Path) -> Iterator[Kernel]:
    (tmp_path / "live").mkdir()
    kernel = Kernel(tmp_path / "live")
    yield kernel
    kernel.end()


def test_variables_come_back_in_a_living_kernel_and_the_way_back_is_told(kernel: Kernel) -> None:
    """Through a real kernel: checkpoint, change, restore, undo; aliasing is kept, the state before is a run."""
    file = kernel.manager.connection_file
    kernel.run("a = [1, 2]\nb = a")
    made = kernel.runtrack("checkpoint", "-m", "first", "--kernel", file, "--json")
    assert made.returncode == 0, made.stderr
    run_id = json.loads(made.stdout)["run"]["run_id"]
    kernel.run("a.append(3)\ndel b\nextra = 1")

    restored = kernel.runtrack("restore", run_id, "--kernel", file)

    assert restored.returncode == 0, restored.stderr
    assert "put back: a, b" in restored.stdout
    assert "removed: extra" in restored.stdout
    assert "What was there before is run" in restored.stdout
    assert kernel.run("print(a, b is a)") == "[1, 2] True\n"
    kernel.run("a = 0")
    runtime = Path(os.environ["JUPYTER_RUNTIME_DIR"])
    runtime.mkdir(parents=True, exist_ok=True)
    (runtime / "kernel-0b5e.json").write_bytes(Path(file).read_bytes())  # as a server names it
    assert "Put back: a" in kernel.runtrack("undo", "--kernel", "0b5e").stdout
    assert kernel.run("print(a)") == "[1, 2]\n"
    missing = kernel.runtrack("restore", "NOSUCHID", "--kernel", file)
    assert missing.returncode == 3


def test_a_kernel_that_does_not_record_says_so(
    tmp_path: Path, runtrack: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNTRACK_DISABLE", "1")
    (tmp_path / "off").mkdir()
    kernel = Kernel(tmp_path / "off")
    try:
        result = kernel.runtrack("undo", "--kernel", kernel.manager.connection_file)
    finally:
        kernel.end()

    assert result.returncode == 6
    assert result.stderr.startswith("Error: ")
