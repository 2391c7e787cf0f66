"""A word below the prompt says which cells are out of date, why, and brings them up to date."""

import pytest
from playwright.sync_api import Locator, expect

from tests.ui.conftest import Notebook
from tests.ui.test_spine import IMAGES, evaluate, show_panel

CELLS = ["seed = 1", "split = [seed]", "model = split * 2"]


def hint(notebook: Notebook, number: int) -> Locator:
    """Return the hint of a cell."""
    found: Locator = notebook.cells.nth(number).locator(".rt-hint")
    return found


@pytest.mark.parametrize("notebook", [CELLS], indirect=True)
def test_cells_out_of_date_say_why_and_run_with_those_that_rest_on_them(notebook: Notebook) -> None:
    page = notebook.page
    show_panel(page)
    for number in range(3):
        notebook.run(number)
    expect(page.locator(".rt-hint")).to_have_count(0)

    notebook.type_into(0, "seed = 2")
    expect(hint(notebook, 0)).to_have_text("edited")
    hint(notebook, 0).hover()
    card = page.get_by_role("dialog")
    expect(card).to_contain_text("Ran as [1].")
    expect(card.get_by_role("button", name="Run this and 2 below")).to_be_visible()
    page.mouse.move(5, 5)
    expect(card).to_have_count(0)

    # With the keyboard: the reason on focus, Enter goes to what can be done.
    notebook.run(0)
    expect(hint(notebook, 0)).to_have_text("order")
    expect(hint(notebook, 1)).to_have_text("stale")
    expect(hint(notebook, 2)).to_have_count(0)
    hint(notebook, 1).focus()
    expect(card).to_contain_text("Stale: seed changed after this cell ran")
    expect(card).to_contain_text("Ran as [2]. Cell [4] set seed since.")
    IMAGES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=IMAGES / "hints-light.png")
    page.keyboard.press("Enter")
    expect(card.get_by_role("button", name="Run this and 1 below")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".rt-hint")).to_have_count(0)
    assert evaluate(notebook, "model") == "[2, 2]"

    # One that is known can be ignored, until the cell runs again.
    notebook.type_into(0, "seed = 3")
    hint(notebook, 0).click()
    card.get_by_role("button", name="Ignore here").click()
    expect(page.locator(".rt-hint")).to_have_count(0)

    # Undoing takes the values back to where they were: what was stale is not any more.
    notebook.run(0)
    expect(hint(notebook, 1)).to_have_text("stale")
    page.locator("#runtrack-runs").get_by_role("button", name="Undo last cell").click()
    expect(hint(notebook, 1)).to_have_count(0)
