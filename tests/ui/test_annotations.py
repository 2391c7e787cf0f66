"""A run is renamed in its row, starred, labelled and written about; other tabs see it at once."""

from playwright.sync_api import Locator, Page, expect

from tests.ui.conftest import Lab, Notebook
from tests.ui.test_spine import checkpoint, panel, run_rows, show_panel


def choose(page: Page, row: Locator, item: str) -> None:
    """Choose from the menu of a run."""
    row.click(button="right")
    page.locator(".lm-Menu").get_by_text(item, exact=True).click()


def test_a_run_is_renamed_starred_labelled_and_written_about(notebook: Notebook, lab: Lab) -> None:
    page = notebook.page
    show_panel(page)
    notebook.run(0)
    checkpoint(notebook, "first try")
    row = run_rows(page).first
    expect(row).to_contain_text("#1")
    other = page.context.new_page()
    other.goto(lab.address(notebook.name).replace("/lab/", "/lab/workspaces/other/"))
    show_panel(other)
    expect(run_rows(other)).to_have_count(1)

    # In the row, with the keyboard alone: the focus comes back to the row.
    page.keyboard.press("Alt+Shift+R")
    expect(page.locator("#runtrack-runs :focus")).to_have_count(1)
    page.keyboard.press("End")
    expect(row).to_be_focused()
    page.keyboard.press("F2")
    page.keyboard.type("thrown away")
    page.keyboard.press("Escape")
    expect(row).to_contain_text("first try")
    expect(row).to_be_focused()
    page.keyboard.press("F2")
    page.keyboard.type("The baseline")
    page.keyboard.press("Enter")
    expect(row).to_contain_text("The baseline")
    expect(row).to_be_focused()
    page.keyboard.press("f")
    expect(row.get_by_label("Starred", exact=True)).to_be_visible()
    page.keyboard.press("t")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox").fill("kind: baseline")
    page.keyboard.press("Enter")
    expect(dialog.locator(".rt-tag")).to_have_text("kind: baseline")
    dialog.get_by_role("textbox").fill("review")
    page.keyboard.press("Enter")
    expect(dialog.locator(".rt-tag")).to_have_count(2)
    page.keyboard.press("Escape")
    expect(row).to_be_focused()

    # The other tab heard of it from the server.
    expect(run_rows(other).first).to_contain_text("The baseline")
    expect(run_rows(other).first.get_by_label("Starred", exact=True)).to_be_visible()
    other.close()

    # On its page, and with the menu.
    row.dblclick()
    head = page.locator(".rt-head")
    expect(head.get_by_role("button", name="Star", exact=True)).to_have_attribute("aria-pressed", "true")
    expect(head.locator(".rt-tag")).to_have_count(2)
    head.get_by_role("button", name="Remove the label review").click()
    expect(head.locator(".rt-tag")).to_have_count(1)
    head.get_by_role("button", name="note", exact=True).click()
    head.get_by_role("textbox").fill("As shown on Monday.\n<img src=x onerror=alert(1)>")
    head.get_by_role("button", name="Add the note").click()
    expect(head.locator(".rt-notes li")).to_contain_text("<img src=x onerror=alert(1)>")
    page.keyboard.press("F2")
    page.keyboard.type("Baseline, as shown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("tab", name="#1 Baseline, as shown")).to_be_visible()
    choose(page, row, "Remove Star")
    expect(head.get_by_role("button", name="Star", exact=True)).to_have_attribute("aria-pressed", "false")
    choose(page, row, "Notes…")
    expect(page.get_by_role("dialog").locator(".rt-notes li")).to_have_count(1)
    page.keyboard.press("Escape")

    # What was said is on record, not in this page.
    notebook.open()
    show_panel(page)
    expect(run_rows(page).first).to_contain_text("Baseline, as shown")
    assert panel(page).get_by_label("Starred", exact=True).count() == 0
