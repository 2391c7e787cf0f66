"""Recorded or not, a notebook behaves the same."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.kernel.conftest import StartKernel
from tests.kernel.livekernel import LiveKernel

NOTEBOOKS = {
    "printing": ["print('a')\nprint('b')", "import sys; print('err', file=sys.stderr)", "'last'"],
    "errors": ["1 / 0", "raise SystemExit", "def f(:", "undefined"],
    "magics": [
        "%who",
        "x = 1",
        "%whos",
        "%time y = 2",
        "%%capture out\nprint('hidden')",
        "out.stdout",
        "!echo shell",
    ],
    "awaiting": ["import asyncio", "await asyncio.sleep(0, 'done')", "async def f(): return 5", "await f()"],
    "displays": [
        "from IPython.display import HTML, display, clear_output",
        "display(HTML('<b>x</b>'))",
        "print(1); clear_output(); print(2)",
    ],
    "names": [
        "sorted(n for n in dir() if not n.startswith('_'))",
        "x = 1; sorted(globals())[-5:]",
        "In[1][:6]",
        "Out",
    ],
    "warnings": ["import warnings", "warnings.warn('once')", "def g():\n    warnings.warn('each')\ng(); g()"],
    "plots": [
        "%matplotlib inline",
        "import matplotlib.pyplot as plt",
        "figure, axes = plt.subplots(figsize=(1, 1)); axes.plot([1, 2]); plt.show()",
    ],
    "autoreload": ["%load_ext autoreload", "%autoreload 2", "import json", "json.dumps([1])"],
    "reset": ["a = 1", "%reset -f", "'a' in dir()"],
}


def shown(kernel: LiveKernel, cells: list[str]) -> list[Any]:
    """Run cells and return what a user sees of each, without what differs from run to run."""
    seen = []
    for cell in cells:
        reply = kernel.run(cell)
        outputs = []
        for output in reply.outputs:
            kept = {key: value for key, value in output.items() if key not in {"traceback", "transient"}}
            if "Wall time" in str(kept) or "CPU times" in str(kept):
                kept = {"output_type": output["output_type"], "text": "timed"}
            outputs.append(kept)
        text = "".join(output.get("text", "") for output in outputs if output["output_type"] == "stream")
        text = re.sub(r"ipykernel_\d+", "ipykernel", text)
        others = [output for output in outputs if output["output_type"] != "stream"]
        seen.append((reply.status, text, others))
    return seen


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_tracked_and_untracked_notebooks_show_the_same(name: str, start_kernel: StartKernel) -> None:
    cells = NOTEBOOKS[name]

    tracked = shown(start_kernel(), cells)
    untracked = shown(start_kernel(RUNTRACK_DISABLE="1"), cells)

    assert tracked == untracked


def test_off_writes_not_one_byte(start_kernel: StartKernel, home: Path, folder: Path) -> None:
    """Off means off: no store, no key, no list of stores, in no folder."""
    kernel = start_kernel(RUNTRACK_DISABLE="1")
    kernel.run(
        "import runtrack_jupyter as rt\nx = rt.parameter('lr', 0.1)\nrt.metric('accuracy', 0.9)\nrt.status()"
    )
    assert kernel.value("x") == 0.1
    assert kernel.ask("status")["result"]["tracking"] is False
    assert kernel.ask("checkpoint", request_id="01JD00000000000000000000A1")["error"]["kind"] == "off"
    kernel.stop()

    written = [str(path) for top in (home, folder) for path in top.rglob("*runtrack*")]

    assert written == []


def test_a_kernel_that_ran_nothing_wrote_nothing(start_kernel: StartKernel, folder: Path) -> None:
    start_kernel().stop()

    assert list(folder.iterdir()) == []


def test_switching_off_and_on_again(kernel: LiveKernel, folder: Path) -> None:
    kernel.run("a = 1; import runtrack_jupyter as rt")
    kernel.run("rt.off()")
    size = sum(path.stat().st_size for path in (folder / ".runtrack").rglob("*") if path.is_file())
    kernel.run("b = 2")
    kernel.run("c = 3")
    assert sum(path.stat().st_size for path in (folder / ".runtrack").rglob("*") if path.is_file()) == size
    kernel.run("rt.on()")
    kernel.run("d = 4")

    assert kernel.ask("status")["result"]["tracking"] is True
    sources = kernel.value("[step.source for step in rt.steps()]")
    assert "b = 2" not in sources
    assert "d = 4" in sources


def test_completion_and_inspection_do_not_see_us(kernel: LiveKernel) -> None:
    kernel.run("alpha = 1")

    reply = kernel.client.complete("alp", 3, reply=True, timeout=20)

    assert "alpha" in reply["content"]["matches"]
    assert not [name for name in kernel.value("sorted(globals())") if "runtrack" in name.lower()]
