"""The restore dialog says what will be made again, and lets it be left out."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.ui.conftest import Notebook
from tests.ui.test_spine import IMAGES, checkpoint, evaluate, panel, run_rows, show_panel

CELLS = [
    "import hashlib, re\ntext = b'abc'",
    "digest = hashlib.sha256(text)\ntaken = re.finditer('.', 'ab')",
    "next(taken)",
    "del digest, taken",
]


def open_dialog(page: Page, run: Locator) -> Locator:
    """Open the restore dialog of a run."""
    run.click()
    if run.get_attribute("aria-expanded") != "true":
        run.click()
    panel(page).get_by_role("button", name="Restore…").first.click()
    dialog = page.locator(".jp-Dialog")
    expect(dialog).to_be_visible()
    return dialog


@pytest.mark.parametrize("notebook", [CELLS], indirect=True)
def test_the_dialog_names_what_is_made_again_and_lets_it_be_left_out(notebook: Notebook) -> None:
    """A value that nobody changed comes back; one that somebody did stays away, as the dialog said."""
    page = notebook.page
    show_panel(page)
    for number in range(3):
        notebook.run(number)
    checkpoint(notebook, "before deleting")
    notebook.run(3)
    run = run_rows(page).filter(has_text="before deleting")

    dialog = open_dialog(page, run)
    row = dialog.locator("tr", has_text="digest").filter(has_text="running cell [2]")
    expect(row).to_be_visible()
    expect(dialog.locator("tr", has_text="taken")).to_contain_text("left unset")
    line = dialog.get_by_text("1 variable will be made again by running 1 step: digest (cell [2])")
    expect(line).to_be_visible()
    IMAGES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=IMAGES / "rebuild-light.png")
    row.get_by_role("checkbox").uncheck()
    expect(line).to_have_count(0)
    row.get_by_role("checkbox").check()
    expect(line).to_be_visible()
    dialog.get_by_role("button", name="Restore").click()
    expect(dialog).to_have_count(0, timeout=60_000)
    assert evaluate(notebook, "[digest.hexdigest()[:4], 'taken' in dir()]") == "['ba78', False]"
    expect(page.locator(".Toastify__toast").first).to_contain_text("digest: made again by running cell [2]")

    # Left out, it stays away.
    dialog = open_dialog(page, run)
    dialog.locator("tr", has_text="running cell [2]").get_by_role("checkbox").uncheck()
    dialog.get_by_role("button", name="Restore").click()
    expect(dialog).to_have_count(0, timeout=60_000)
    assert evaluate(notebook, "'digest' in dir()") == "False"


@pytest.mark.parametrize("notebook", [CELLS[:2]], indirect=True)
def test_the_page_of_a_run_says_what_can_be_made_again(notebook: Notebook) -> None:
    page = notebook.page
    show_panel(page)
    for number in range(2):
        notebook.run(number)
    checkpoint(notebook, "hashes")
    run_rows(page).filter(has_text="hashes").dblclick()
    expect(page.locator(".rt-variables tr", has_text="digest")).to_contain_text(
        "made again by running cell [2]"
    )
    notebook.command("apputils:change-theme", theme="JupyterLab Dark")
    page.wait_for_timeout(1000)
    page.screenshot(path=IMAGES / "rebuild-page-dark.png")
    notebook.command("apputils:change-theme", theme="JupyterLab Light")
    expect(page.locator("body")).to_have_attribute("data-jp-theme-light", re.compile("true"))
