"""The demo: run a notebook, spoil its result, go back in a fresh kernel, and show that the result is the same.

It uses nothing that a user does not have: a kernel that records by itself, `rt.restore`, and the command line.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook
from ulid import ULID

HERE = Path(__file__).resolve().parent
WORK = HERE.parent / ".demo"
NOTEBOOK = WORK / "demo.ipynb"

GOOD = "all thirty measurements"

FRESH = """\
print([name for name in ("patients", "train", "test", "model", "score") if name in globals()])
"""
BACK = """\
import runtrack_jupyter as rt
rt.restore({run_id!r}, document=False)
"""
AGAIN = """\
import json
print(json.dumps({"accuracy": score(model, columns), "store": rt.status()["store"]}))
"""


def main() -> int:
    """Run the demo; the exit code says whether the restored accuracy is the one on record."""
    say("1. A notebook runs in a kernel of its own. Nothing in it starts Runtrack.")
    notebook = working_copy()
    execute(notebook)
    nbformat.write(notebook, NOTEBOOK)

    runs = runs_just_made()
    for run in reversed(runs):
        print(f"   {name_of(run):>5}  accuracy {accuracy_of(run):.4f}  {run['message']}")

    good = next(run for run in runs if run["message"] == GOOD)
    say(
        f"2. That kernel is gone. A fresh one restores the variables of {name_of(good)} and scores the model again."
    )
    found = score_in_a_fresh_kernel(good["run_id"])
    print("   names of the run that it knows before:", found["there"])
    for line in found["answer"].splitlines():
        print(f"   {line}")
    recorded, again = accuracy_of(good), found["accuracy"]
    print(f"   accuracy on record:  {recorded!r}")
    print(f"   accuracy now:        {again!r}")
    same = recorded == again and found["there"] == "[]"
    print("   They are equal." if same else "   THEY ARE NOT THE SAME.")

    say("3. The history, as `runtrack log` prints it.")
    subprocess.run(["runtrack", "log"], cwd=WORK, check=True)

    repository = shown(Path(found["store"]) / "runs.git")
    say("To go on")
    print("   in JupyterLab:        make lab, then open Runs in the left sidebar")
    print(f"   in a terminal:        cd {WORK.name} && ../.venv/bin/runtrack show {good['ordinal']}")
    print(f"   with nothing but Git: git --git-dir={repository} log --all")
    print(f"                         git --git-dir={repository} show \\")
    print(f"                             refs/runtrack/{good['run_id']}:run.json")
    return 0 if same else 1


def working_copy() -> NotebookNode:
    """Lay the notebook in a folder of its own, a Git repository as a project would be; keep its identity and history."""
    if not (WORK / ".git").is_dir():
        subprocess.run(["git", "init", "--quiet", str(WORK)], check=True)
    notebook = nbformat.read(HERE / "demo.ipynb", as_version=4)
    if NOTEBOOK.exists():
        earlier = nbformat.read(NOTEBOOK, as_version=4)
        notebook.metadata["runtrack"] = earlier.metadata["runtrack"]
        if sources(earlier) != sources(notebook):
            # Somebody has worked on it in Lab: that is theirs.
            shutil.copyfile(NOTEBOOK, NOTEBOOK.with_name(f"demo-{ULID()}.ipynb"))
    else:
        notebook.metadata["runtrack"] = {"id": str(ULID())}  # as JupyterLab does when it opens one
    nbformat.write(notebook, NOTEBOOK)
    return notebook


def sources(notebook: NotebookNode) -> list[str]:
    """Return what its cells say, without outputs."""
    return [cell.source for cell in notebook.cells]


def execute(notebook: NotebookNode) -> None:
    """Run every cell, in a kernel that is told its notebook as a Jupyter server tells it."""
    client = NotebookClient(
        notebook,
        timeout=300,
        kernel_name="python3",
        resources={"metadata": {"path": str(WORK)}},
        extra_arguments=["--log-level=ERROR"],  # ipykernel warns that it talks in plain text on this machine
    )
    client.execute(env={**os.environ, "JPY_SESSION_NAME": str(NOTEBOOK)})


def score_in_a_fresh_kernel(run_id: str) -> dict[str, Any]:
    """Restore a run where nothing of it exists, and evaluate its model on its test patients again."""
    cells = [new_code_cell(source) for source in (FRESH, BACK.format(run_id=run_id), AGAIN)]
    execute(new_notebook(cells=cells))
    there, back, again = ("".join(map(text_of, cell.outputs)).strip() for cell in cells)
    return {"there": there, "answer": back, **json.loads(again)}


def text_of(output: NotebookNode) -> str:
    """Return what an output says in plain text."""
    return str(output.text if output.output_type == "stream" else output.data["text/plain"])


def answer(*words: str) -> str:
    """Return what the command line prints for programs."""
    return subprocess.run(
        ["runtrack", *words, "--json"], cwd=WORK, check=True, stdout=subprocess.PIPE, text=True
    ).stdout


def runs_just_made() -> list[dict[str, Any]]:
    """Return the runs of the latest kernel, newest first."""
    runs = json.loads(answer("log"))["runs"]
    return [run for run in runs if run["session_id"] == runs[0]["session_id"]]


def accuracy_of(run: dict[str, Any]) -> float:
    """Return the last accuracy that the run recorded."""
    return [float(metric["value"]) for metric in run["metrics"] if metric["name"] == "accuracy"][-1]


def name_of(run: dict[str, Any]) -> str:
    """Return what people call the run."""
    return f"#{run['ordinal']}"


def shown(path: Path) -> str:
    """Return `path`, short where it lies below the working directory."""
    return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)


def say(line: str) -> None:
    """Print a headline."""
    print(f"\n{line}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
