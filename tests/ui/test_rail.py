"""The rail tells which run came from which, also of many branches."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from runtrack_jupyter.model import Variable
from tests.server.recorder import Recorder
from tests.ui.conftest import Lab, Notebook
from tests.ui.test_spine import panel, run_rows, show_panel


def test_branches_are_folded_begin_somewhere_and_lead_to_their_cells(
    page: Page, lab: Lab, record: Callable[[str], Recorder]
) -> None:
    recorder = record("branches.ipynb")
    step = recorder.step("a = 1", variables=["a"])
    root = recorder.run("root")
    recorder.seal(root)
    for branch in "abcd":
        recorder.restore(step, root)
        recorder.step(f"{branch} = 2", variables=[branch])
        recorder.seal(recorder.run(branch, lost=[Variable(name="a", type="int", set_by=step)]))
    notebook = Notebook(page, lab, "branches.ipynb")
    notebook.open()
    show_panel(page)

    # Two branches have a lane, the others are one line that opens and closes.
    fold = panel(page).locator(".rt-row-fold")
    expect(fold).to_contain_text("+2 branches")
    expect(run_rows(page)).to_have_count(3)
    fold.click()
    expect(run_rows(page)).to_have_count(5)
    page.keyboard.press("ArrowLeft")
    expect(run_rows(page)).to_have_count(3)

    # No dot stands alone: where a line begins is marked.
    expect(run_rows(page).last.locator(".rt-root")).to_have_count(1)
    expect(panel(page).locator(".rt-root")).to_have_count(1)

    # What an earlier run had set leads there.
    run_rows(page).first.dblclick()
    page.locator(".rt-variables").get_by_role("button", name="[1] #1").click()
    expect(page.locator(".rt-head:visible")).to_contain_text("root")
