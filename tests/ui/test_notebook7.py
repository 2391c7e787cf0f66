"""Notebook 7: the history as a widget in the page, and what of the extension its shell has room for."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.ui.conftest import TOKEN, Lab, Notebook


@pytest.fixture(name="notebook")
def _notebook(page: Page, lab: Lab, request: pytest.FixtureRequest) -> Notebook:
    name = f"{request.node.originalname}.ipynb"
    lab.write_notebook(
        name,
        [
            "import runtrack_jupyter as rt\nx = [1, 2]\nrt.metric('score', 3)",
            "rt.history()",
            "x.append(3)\nx",
        ],
    )
    page.goto(f"{lab.url}/notebooks/{name}?token={TOKEN}")
    notebook = Notebook(page, lab, name)
    # The indicator says idle before the kernel is connected.
    kernel = "window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel"
    page.wait_for_function(f"() => {kernel}?.connectionStatus === 'connected' && {kernel}.status === 'idle'")
    return notebook


def test_the_history_is_browsed_and_gone_back_to_in_the_page(notebook: Notebook) -> None:
    notebook.run(0)
    notebook.run(1)
    panel = notebook.cells.nth(1).locator(".jp-OutputArea")
    panel.get_by_placeholder("Message of the checkpoint").fill("before the third")
    panel.get_by_role("button", name="Checkpoint").click()
    expect(panel.get_by_role("option")).to_contain_text(["before the third"])
    expect(panel.get_by_role("option")).to_contain_text(["#1"])
    notebook.run(2)
    expect(notebook.cells.nth(2)).to_contain_text("[1, 2, 3]")
    panel.get_by_role("button", name="Restore…").click()
    expect(panel).to_contain_text("variables come back")
    panel.get_by_role("checkbox", name="the document too").uncheck()
    panel.get_by_role("button", name=re.compile("Restore$")).click()
    expect(panel.get_by_role("status")).to_contain_text("Back at #1")
    notebook.type_into(2, "x")
    notebook.run(2)
    expect(notebook.cells.nth(2).locator(".jp-OutputArea")).to_contain_text("[1, 2]")


def test_the_toolbar_checkpoints_there_too(notebook: Notebook) -> None:
    """The extension needs nothing that only Lab's shell has."""
    notebook.run(0)
    notebook.run(1)

    notebook.page.locator(".jp-NotebookPanel-toolbar").get_by_text("Checkpoint").first.click()

    expect(notebook.cells.nth(1).locator(".jp-OutputArea").get_by_role("option")).to_have_count(1)
    # Notebook 7.6 itself stumbles over a settings plugin that is still being loaded.
    assert [problem for problem in notebook.problems if "runtrack" in problem] == []
