"""``rt.history()`` in a real kernel, clicked as a front end clicks: by messages of its widgets."""

import time
from collections.abc import Callable
from typing import Any

from tests.kernel.conftest import ReadRecord, StartKernel
from tests.kernel.livekernel import LiveKernel


def eventually(holds: Callable[[], bool], seconds: float = 20) -> None:
    """Wait for what a click has done: the kernel does it when its thread is free, which may be after a question."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


class Panel:
    """The widgets of a panel, as the messages that made them tell."""

    def __init__(self, kernel: LiveKernel) -> None:
        self._kernel = kernel
        reply = kernel.run("import runtrack_jupyter as rt\nrt.history()")
        assert reply.status == "ok", reply.content
        self._widgets = "__import__('ipywidgets').Widget.widgets"

    def _only(self, condition: str) -> str:
        (model_id,) = self._kernel.value(f"[m for m, w in {self._widgets}.items() if {condition}]")
        return str(model_id)

    def _tell(self, model_id: str, data: dict[str, Any]) -> None:
        client = self._kernel.client
        message = client.session.msg("comm_msg", {"comm_id": model_id, "data": data})
        client.shell_channel.send(message)

    def button(self, words: str) -> str:
        """Return the id of a button."""
        return self._only(f"type(w).__name__ == 'Button' and w.description == {words!r}")

    def press(self, button: str) -> None:
        self._tell(button, {"method": "custom", "content": {"event": "click"}})

    def click(self, words: str) -> None:
        self.press(self.button(words))

    def select(self, index: int) -> None:
        self._tell(
            self._only("type(w).__name__ == 'Select'"),
            {"method": "update", "state": {"index": index}, "buffer_paths": []},
        )

    def type(self, words: str) -> None:
        self._tell(
            self._only("type(w).__name__ == 'Text'"),
            {"method": "update", "state": {"value": words}, "buffer_paths": []},
        )

    @property
    def list(self) -> list[str]:
        return [
            label
            for labels in self._kernel.value(
                f"[[o[0] for o in w.options] for w in {self._widgets}.values() if type(w).__name__ == 'Select']"
            )
            for label in labels
        ]

    @property
    def text(self) -> str:
        return "\n".join(
            self._kernel.value(
                f"[w.value for w in {self._widgets}.values() if type(w).__name__ == 'HTML' and w.value]"
            )
        )


def test_a_run_is_made_read_and_gone_back_to_by_clicking(kernel: LiveKernel, record: ReadRecord) -> None:
    kernel.run("import runtrack_jupyter as rt\nx = [1, 2]\naccuracy = rt.metric('accuracy', 0.91)")
    panel = Panel(kernel)
    assert panel.list == []
    panel.type("good <b>one</b>")
    panel.click("Checkpoint")
    eventually(lambda: len(panel.list) == 1)
    assert "good <b>one</b>  accuracy 0.91" in panel.list[0]
    assert "good &lt;b&gt;one&lt;/b&gt;" in panel.text  # untrusted words never become markup
    assert "<b>one</b>" not in panel.text
    kernel.run("x.append(3)\naccuracy = rt.metric('accuracy', 0.74); s = __import__('socket').socket()")
    panel.click("Checkpoint")
    eventually(lambda: len(panel.list) == 2)

    panel.select(0)
    panel.click("Restore…")
    eventually(lambda: "s: a socket" in panel.text)
    panel.click("Cancel")
    panel.select(1)
    panel.click("Restore…")
    panel.click("Restore")

    eventually(lambda: "did not come back: no notebook tab is open" in panel.text)
    assert kernel.value("[x, accuracy]") == [[1, 2], 0.91]
    assert [run.message for run in record().runs() if not run.automatic] == ["", "good <b>one</b>"]
    kernel.run("x = 'changed'; rt.checkpoint('from a cell')")
    eventually(lambda: "from a cell" in panel.list[0])  # it follows what others do
    panel.click("Undo last cell")
    eventually(lambda: "Undone: [" in panel.text)
    assert kernel.value("x") == [1, 2]


def test_what_is_clicked_while_a_cell_awaits_is_done_when_it_has_ended(kernel: LiveKernel) -> None:
    """State changes between cells, never in the middle of one."""
    kernel.run("import asyncio\nx = [1]")
    panel = Panel(kernel)
    checkpoint = panel.button("Checkpoint")
    running = kernel.send("x.append(2); await asyncio.sleep(2); x.append(3)")
    panel.press(checkpoint)
    kernel.wait(running)

    eventually(lambda: len(panel.list) == 1)

    kernel.run("x = None")
    panel.click("Restore…")
    panel.click("Restore")
    eventually(lambda: kernel.value("x") == [1, 2, 3])


def test_a_variable_that_holds_the_panel_comes_back_as_one(start_kernel: StartKernel) -> None:
    kernel = start_kernel()
    kernel.run("import runtrack_jupyter as rt\npanel = rt.history()")
    first = kernel.ask("checkpoint", request_id="01JD00000000000000000000D1", message="")["result"]["run"]

    fresh = start_kernel()
    answer = fresh.ask("restore", request_id="01JD00000000000000000000D2", id=first["run_id"])

    assert answer["result"]["gaps"] == []
    assert fresh.value("type(panel).__name__") == "HistoryPanel"
    assert fresh.value("len(panel._runs)") >= 1


def test_without_ipywidgets_it_says_what_to_install(kernel: LiveKernel) -> None:
    kernel.run("import sys, runtrack_jupyter as rt\nsys.modules['ipywidgets'] = None")

    reply = kernel.run("rt.history()")

    assert (reply.status, reply.content["ename"]) == ("error", "UsageError")
    assert "pip install ipywidgets" in reply.content["evalue"]
