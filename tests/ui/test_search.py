"""Runs are found again by what they hold, in this notebook and in all of them."""

import pytest
from playwright.sync_api import expect

from tests.ui.conftest import Lab, Notebook
from tests.ui.test_spine import checkpoint, panel, run_rows, show_panel

CELLS = [
    "import runtrack_jupyter as rt\nlr = 0.1",
    "accuracy = rt.metric('accuracy', 0.8)",
    "with open(rt.output('scores.csv'), 'w') as file:\n    file.write('1')",
]


@pytest.mark.parametrize("notebook", [("finding.ipynb", CELLS)], indirect=True)
def test_runs_are_found_by_what_they_hold(notebook: Notebook, lab: Lab) -> None:
    page = notebook.page
    shown = show_panel(page)
    notebook.run(0)
    notebook.run(1)
    checkpoint(notebook, "first")
    notebook.type_into(1, "accuracy = rt.metric('accuracy', 0.9)")
    notebook.run(1)
    notebook.run(2)
    checkpoint(notebook, "second")
    search = shown.get_by_role("searchbox")

    for term, found in [
        ("accuracy > 0.85", ["second"]),
        ("lr = 0.1", ["second", "first"]),
        ("changed:lr", ["first"]),
        ("file:scores.csv", ["second"]),
        ("changed:lr accuracy > 0.85", []),
        ("label:review", []),
        ("rt.output", ["second"]),
    ]:
        search.fill(term)
        expect(run_rows(page)).to_have_count(len(found))
        for row, message in enumerate(found):
            expect(run_rows(page).nth(row)).to_contain_text(message)

    # A term is kept as a chip, which can be taken away; two of them narrow the list further.
    search.fill("accuracy > 0.7")
    page.keyboard.press("Enter")
    chip = shown.get_by_role("button", name="Remove accuracy > 0.7")
    expect(chip).to_be_visible()
    expect(search).to_have_value("")
    page.keyboard.type("changed:lr ")
    expect(shown.get_by_role("button", name="Remove changed:lr")).to_be_visible()
    expect(run_rows(page)).to_have_count(1)
    page.keyboard.press("Escape")
    expect(run_rows(page)).to_have_count(2)

    # What is not known is named, with the nearest name and its best value.
    search.fill("acuracy > 0.7")
    nothing = shown.locator(".rt-empty")
    expect(nothing).to_contain_text("No run has acuracy > 0.7")
    expect(nothing).to_contain_text("Its highest value is 0.9")
    nothing.get_by_role("button", name="accuracy", exact=True).click()
    expect(run_rows(page)).to_have_count(2)
    search.fill("zzz")
    shown.get_by_role("button", name="Clear search").click()
    expect(run_rows(page)).to_have_count(2)

    # Another notebook is in front: its history is empty, all notebooks are one choice away.
    lab.write_notebook("other.ipynb", ["y = 2"])
    notebook.command("docmanager:open", path="other.ipynb")
    expect(shown).to_contain_text("Recording is on", timeout=60_000)
    scope = shown.get_by_role("combobox")
    scope.select_option("all")
    expect(shown.locator(".rt-recent li").filter(has_text="finding.ipynb")).to_contain_text("2 runs · second")
    search.fill("accuracy > 0.85")
    expect(run_rows(page)).to_have_count(1)
    expect(run_rows(page).first).to_contain_text("finding.ipynb")
    run_rows(page).first.dblclick()
    expect(page.locator(".rt-head")).to_contain_text("second")
    scope.select_option("notebook")
    expect(shown).to_contain_text("Recording is on")


@pytest.mark.parametrize("notebook", [("folding.ipynb", ["x = 1"])], indirect=True)
def test_runs_that_made_themselves_are_folded_and_can_be_hidden(notebook: Notebook) -> None:
    page = notebook.page
    show_panel(page)
    for _ in range(4):
        notebook.menu("Run", "Run All Cells")
        notebook.wait_until_idle()
        page.wait_for_timeout(700)
    checkpoint(notebook, "mine")
    fold = panel(page).locator(".rt-row-fold")
    expect(fold).to_contain_text("4 automatic runs")
    expect(run_rows(page)).to_have_count(1)
    fold.click()
    expect(run_rows(page)).to_have_count(5)
    panel(page).get_by_role("button", name="Hide automatic runs").click()
    expect(run_rows(page)).to_have_count(1)
    expect(panel(page)).to_contain_text("1 of 5 runs")
