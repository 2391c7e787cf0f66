"""A link to a run opens Lab at that run, wherever the server lies; one that leads nowhere says so."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.ui.conftest import TOKEN, Lab, Notebook
from tests.ui.test_spine import checkpoint, panel, run_rows, show_panel


def copied(page: Page) -> str:
    """Return what is on the clipboard."""
    return str(page.evaluate("() => navigator.clipboard.readText()"))


def open_lab(page: Page, address: str) -> None:
    """Go to an address and wait until Lab is there."""
    page.goto(address)
    expect(page.locator("#jupyterlab-splash")).to_have_count(0, timeout=60_000)


@pytest.mark.parametrize("notebook", [["kept = 'this run'", "print(kept)"]], indirect=True)
def test_a_copied_link_opens_lab_at_that_run(notebook: Notebook) -> None:
    """From the menu in the panel and from the page; by the whole id and by the short one; with the notebook at hand."""
    page = notebook.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    show_panel(page)
    notebook.run(0)
    notebook.run(1)
    checkpoint(notebook, "Worth a link")
    run_rows(page).first.click(button="right")
    page.locator(".lm-Menu").get_by_text("Copy Link").click()
    link = copied(page)
    assert re.fullmatch(re.escape(notebook.lab.url) + r"/lab\?runtrack=[0-9A-Z]{26}", link)
    run_id = link[-26:]

    other = (
        page.context.new_page()
    )  # as a colleague: Lab is open already, so this one gets a workspace of its own
    open_lab(other, link)
    shown = other.locator(".rt-page")
    expect(shown.get_by_role("heading", name="Worth a link")).to_be_visible()
    expect(shown).to_contain_text("print(kept)")
    expect(other).not_to_have_url(re.compile("runtrack="))
    assert other.url.startswith(notebook.lab.url)
    other.evaluate("() => navigator.clipboard.writeText('')")
    shown.get_by_role("button", name="Copy link").click()
    assert copied(other) == link

    expect(shown.get_by_role("button", name="Restore…")).to_be_disabled()
    shown.get_by_role("button", name=notebook.name).click()
    expect(other.locator(".jp-NotebookPanel")).to_be_visible()
    other.locator(".lm-DockPanel-tabBar").get_by_text("Worth a link").click()
    expect(shown.get_by_role("button", name="Restore…")).to_be_enabled()

    # By the short id, which Lab's own part of the query stands beside.
    open_lab(other, f"{notebook.lab.url}/lab?reset&runtrack={run_id[-8:].lower()}")
    expect(other.locator(".rt-page:visible")).to_contain_text("Worth a link")
    expect(other).not_to_have_url(re.compile("runtrack="))
    other.close()


def test_a_link_into_the_file_browser_of_notebook_7_opens_the_run_beside_it(page: Page, lab: Lab) -> None:
    page.goto(f"{lab.url}/tree?token={TOKEN}&runtrack=nonesuch")
    expect(page.get_by_role("tab", name="Files")).to_be_visible(timeout=60_000)
    expect(page.locator(".rt-unknown")).to_contain_text("nonesuch")
    expect(page).to_have_url(re.compile(r"/tree$"))


def test_a_link_to_a_run_that_is_not_here_says_so_and_what_to_do(page: Page, lab: Lab) -> None:
    """What stands in an address is anybody's text: it is shown, never run."""
    bad = "<img src=x onerror=alert(1)>"
    page.on("dialog", lambda dialog: pytest.fail(f"the link ran: {dialog.message}"))
    open_lab(page, f"{lab.url}/lab?token={TOKEN}&runtrack={bad}&reset")
    shown = page.locator(".rt-unknown")
    expect(shown).to_contain_text("This run is not here")
    expect(shown.locator("code").first).to_have_text(bad)
    expect(shown).to_contain_text("runtrack export")
    shown.get_by_role("button", name="Show the runs that are here").click()
    expect(panel(page)).to_be_visible()

    with page.expect_response(lambda answer: "/runtrack/api/runs/" in answer.url) as answer:
        shown.get_by_role("button", name="Try again").click()
    assert answer.value.status == 404
    expect(shown).to_be_visible()
