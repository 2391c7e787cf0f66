"""What a user does: work, checkpoint, look back, go back. By clicking what a user clicks."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.ui.conftest import Lab, Notebook

IMAGES = Path(__file__).parents[2] / "test-results" / "images"  # `make screens` puts them into docs/images

STORY = [
    (
        "import runtrack_jupyter as rt\nimport pandas as pd\nfrom sklearn.datasets import load_breast_cancer\n"
        "from sklearn.ensemble import RandomForestClassifier\nfrom sklearn.model_selection import train_test_split"
    ),
    'frame = load_breast_cancer(as_frame=True).frame\nframe.to_csv("measured.csv", index=False)\nframe.shape',
    (
        'data = pd.read_csv(rt.input("measured.csv"))\ndata["mean area"] = data["mean area"].clip(upper=2000)\n'
        "data.iloc[:3, :4]"
    ),
    (
        'X, y = data.drop(columns="target"), data["target"]\n'
        "X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.3, random_state=1)"
    ),
    (
        'depth = rt.parameter("depth", 6)\nmodel = RandomForestClassifier(40, max_depth=depth, random_state=1)\n'
        "model.fit(X_train, y_train)"
    ),
    'accuracy = rt.metric("accuracy", model.score(X_test, y_test))\nprint(f"accuracy {accuracy:.4f}")',
]


def panel(page: Page) -> Locator:
    """Return the Runs panel."""
    return page.locator("#runtrack-runs")


def show_panel(page: Page) -> Locator:
    """Click the tab of the Runs panel, unless it is open."""
    if not panel(page).is_visible():
        page.locator("li.lm-TabBar-tab[data-id='runtrack-runs']").click()
    expect(panel(page)).to_be_visible()
    return panel(page)


def run_rows(page: Page) -> Locator:
    """Return the rows of runs, newest first."""
    return panel(page).locator(".rt-row-run")


def step_rows(page: Page) -> Locator:
    """Return the rows of steps that show."""
    return panel(page).locator(".rt-row-step")


def checkpoint(notebook: Notebook, message: str) -> None:
    """Checkpoint with a message: the caret, the field, Enter."""
    page = notebook.page
    page.locator("[data-command='runtrack:checkpoint-message']:visible").first.click()
    page.get_by_role("dialog").get_by_role("textbox").fill(message)
    page.keyboard.press("Enter")
    expect(panel(page).get_by_text(message).first).to_be_visible()


def restore(page: Page, run: Locator, choice: str = "Notebook and variables") -> None:
    """Restore a run by its button and the dialog."""
    run.click()
    if run.get_attribute("aria-expanded") != "true":
        run.click()
    panel(page).get_by_role("button", name="Restore…").first.click()
    dialog = page.locator(".jp-Dialog")
    expect(dialog).to_be_visible()
    dialog.get_by_role("radio", name=re.compile(f"^{choice}")).check()
    dialog.get_by_role("button", name="Restore").click()
    expect(dialog).to_have_count(0, timeout=60_000)


def evaluate(notebook: Notebook, expression: str) -> str:
    """Return the repr of an expression in the notebook's kernel, without making a step."""
    return str(
        notebook.page.evaluate(
            """async expression => {
              const panel = window.jupyterapp.shell.currentWidget;
              const kernel = panel.sessionContext.session.kernel;
              const future = kernel.requestExecute({code: '', silent: true, store_history: false,
                user_expressions: {value: expression}});
              const reply = await future.done;
              return reply.content.user_expressions.value.data['text/plain'];
            }""",
            expression,
        )
    )


def test_first_use_says_what_is_kept_where_and_how_to_stop(notebook: Notebook) -> None:
    page = notebook.page
    shown = show_panel(page)

    expect(shown).to_contain_text("Recording is on")
    expect(shown).to_contain_text("variables up to 2 GB each")
    expect(shown).to_contain_text("unencrypted")
    expect(shown.locator("code", has_text=".runtrack")).to_be_visible()
    expect(page.locator("#jp-main-statusbar")).not_to_contain_text("Not recorded")

    shown.get_by_role("button", name="Stop recording this notebook").click()
    expect(shown).to_contain_text("Recording is paused")
    expect(page.locator("#jp-main-statusbar")).to_contain_text("Recording paused")
    notebook.run(0)
    assert not (notebook.lab.folder / ".runtrack").exists() or notebook.name not in _sources(notebook.lab)
    shown.get_by_role("button", name="Resume").click()
    expect(page.locator("#jp-main-statusbar")).not_to_contain_text("Recording paused")


def _sources(lab: Lab) -> str:
    segments = (lab.folder / ".runtrack" / "segments").glob("*")
    return "".join(path.read_bytes().decode("utf-8", "replace") for path in segments)


@pytest.mark.parametrize("notebook", [["a = [1]", "a.append(2)\na", "1 / 0", "b = 3"]], indirect=True)
def test_steps_appear_as_cells_run_and_undo_puts_variables_back(notebook: Notebook) -> None:
    """Any order, with errors, edited and run again: live, in the true order."""
    page = notebook.page
    show_panel(page)
    notebook.run(0)
    expect(step_rows(page)).to_have_count(1)
    notebook.run(3)
    notebook.run(1)
    notebook.run(2)
    notebook.type_into(0, "a = [10]")
    notebook.run(0)

    expect(step_rows(page)).to_have_count(5)
    texts = [text.split("\n") for text in step_rows(page).all_inner_texts()]
    assert next(" ".join(text) for text in texts).startswith("[1] a = [1]")
    assert ["b = 3" in " ".join(texts[1]), "a.append(2)" in " ".join(texts[2])] == [True, True]
    expect(step_rows(page).nth(3).get_by_label(re.compile("ZeroDivisionError"))).to_be_visible()
    assert evaluate(notebook, "a") == "[10]"

    panel(page).get_by_role("button", name="Undo last cell").click()
    expect(step_rows(page)).to_have_count(4)
    assert evaluate(notebook, "a") == "[1, 2]"


@pytest.mark.timeout(600)
@pytest.mark.parametrize("notebook", [("tumours.ipynb", STORY)], indirect=True)
def test_a_day_of_work_and_the_way_back(notebook: Notebook) -> None:
    page = notebook.page
    show_panel(page)

    # Run All makes a run by itself.
    notebook.menu("Run", "Run All Cells")
    expect(run_rows(page)).to_have_count(1, timeout=90_000)
    expect(run_rows(page).first).to_contain_text("Run All")

    # A message, a worse run, and unsaved edits in the document.
    notebook.type_into(4, STORY[4] + "  # baseline")
    notebook.run(4)
    notebook.run(5)
    checkpoint(notebook, "Forest, depth 6")
    expect(run_rows(page).first).to_contain_text("#2")
    good = evaluate(notebook, "accuracy")
    notebook.type_into(2, STORY[2].replace("upper=2000", "upper=200"))
    notebook.type_into(4, STORY[4].replace('"depth", 6', '"depth", 1'))
    for cell in (2, 3, 4, 5):
        notebook.run(cell)
    notebook.type_into(5, STORY[5] + "\nrows = (n for n in range(3))\nfirst = next(rows)")
    notebook.run(5)
    checkpoint(notebook, "Clip the area, depth 1")
    expect(run_rows(page).first).to_contain_text("▼")
    worse = evaluate(notebook, "accuracy")
    assert float(eval(worse, {"np": _Plain})) < float(eval(good, {"np": _Plain}))

    # The text filter.
    search = panel(page).get_by_role("searchbox")
    search.fill("clip the")
    expect(run_rows(page)).to_have_count(1)
    search.fill("")
    expect(run_rows(page)).to_have_count(3)

    # Go back to the good run: document and variables.
    restore(page, run_rows(page).nth(1))
    expect(panel(page).locator(".rt-here")).to_be_visible()
    assert evaluate(notebook, "accuracy") == good
    assert evaluate(notebook, "'rows' in dir()") == "False"
    expect(notebook.cells.nth(4)).to_contain_text("# baseline")
    expect(notebook.cells.nth(2)).to_contain_text("upper=2000")
    expect(run_rows(page).first).to_contain_text("before restoring #2")

    # The notification undoes the restore.
    page.get_by_role("button", name="Undo restore").click()
    expect(notebook.cells.nth(2)).to_contain_text("upper=200)", timeout=60_000)
    assert evaluate(notebook, "accuracy") == worse

    # A new kernel knows nothing; the record does.
    notebook.command("kernelmenu:restart")
    page.locator(".jp-Dialog .jp-mod-accept").click()
    notebook.wait_until_idle()
    expect(page.locator(".jp-Dialog")).to_have_count(0)
    good_run = panel(page).locator(".rt-row-run", has_text="Forest, depth 6")
    page.wait_for_timeout(1500)
    restore(page, good_run)
    assert evaluate(notebook, "accuracy") == good

    # Running on makes a branch; the other one stays.
    notebook.type_into(4, STORY[4].replace('"depth", 6', '"depth", 9'))
    notebook.run(4)
    notebook.run(5)
    checkpoint(notebook, "Deeper trees")
    expect(panel(page).locator(".rt-row-run", has_text="Clip the area")).to_be_visible()

    take_pictures(notebook, good_run)


class _Plain:
    """Read numpy's repr of a number."""

    float64 = float


def take_pictures(notebook: Notebook, run: Locator) -> None:
    """Keep what a user sees, light and dark, for the README."""
    page = notebook.page
    IMAGES.mkdir(parents=True, exist_ok=True)
    for close in page.locator(".Toastify__close-button, .jp-Notification-Toast-Close").all():
        close.click()
    notebook.cells.nth(5).locator(".cm-content").first.click()
    for theme, name in (("JupyterLab Light", "light"), ("JupyterLab Dark", "dark")):
        notebook.command("apputils:change-theme", theme=theme)
        page.wait_for_timeout(1500)
        page.screenshot(path=IMAGES / f"lab-{name}.png")
    run.dblclick()
    page.locator(".rt-page").wait_for()
    expect(page.locator(".rt-page")).to_contain_text("Forest, depth 6")
    expect(page.locator(".rt-sections")).to_contain_text("measured.csv")
    for theme, name in (("JupyterLab Dark", "dark"), ("JupyterLab Light", "light")):
        notebook.command("apputils:change-theme", theme=theme)
        page.wait_for_timeout(1500)
        page.screenshot(path=IMAGES / f"run-{name}.png")
    panel(page).locator(".rt-row-run", has_text="Clip the area").click(button="right")
    page.locator(".lm-Menu").get_by_text("Restore…").click()
    expect(page.locator(".jp-Dialog")).to_contain_text("generator")
    page.screenshot(path=IMAGES / "restore-light.png")
    page.keyboard.press("Escape")


@pytest.mark.parametrize("notebook", [["x = 'first'", "x = 'second'", "print(x)"]], indirect=True)
def test_a_step_and_a_copy_can_be_restored(notebook: Notebook) -> None:
    page = notebook.page
    show_panel(page)
    for cell in range(3):
        notebook.run(cell)
    expect(step_rows(page)).to_have_count(3)
    step_rows(page).nth(0).click(button="right")
    page.locator(".lm-Menu").get_by_text("Restore…").click()
    dialog = page.locator(".jp-Dialog")
    dialog.get_by_role("radio", name=re.compile("^Variables only")).check()
    dialog.get_by_role("button", name="Restore").click()
    expect(dialog).to_have_count(0)
    assert evaluate(notebook, "x") == "'first'"

    run_rows(page).first.click(button="right")
    page.locator(".lm-Menu").get_by_text("Open as a Copy").click()
    expect(page.locator(".lm-DockPanel-tabBar").get_by_text(re.compile(r"-run"))).to_be_visible()
    (copy,) = notebook.lab.folder.glob(f"{Path(notebook.name).stem}-run*.ipynb")
    document = json.loads(copy.read_text())
    sources = ["".join(cell["source"]) for cell in document["cells"]]
    assert sources == ["x = 'first'", "x = 'second'", "print(x)"]
    assert document["metadata"]["runtrack"]["forked_from"]


def test_the_list_works_with_the_keyboard_and_without_a_kernel(notebook: Notebook) -> None:
    page = notebook.page
    show_panel(page)
    notebook.run(0)
    page.keyboard.press("Escape")
    page.keyboard.press("Alt+Shift+C")
    expect(run_rows(page)).to_have_count(1)
    page.keyboard.press("Alt+Shift+R")
    expect(panel(page).locator(":focus")).to_have_count(1)
    page.keyboard.press("End")
    expect(panel(page).locator(".rt-row-run:focus")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.locator(".rt-page")).to_be_visible()
    page.evaluate("() => window.jupyterapp.serviceManager.sessions.shutdownAll()")
    expect(run_rows(page)).to_have_count(1)
    expect(panel(page)).to_contain_text("kernel not running")


KILLED = ["k = [41]", "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"]


@pytest.mark.parametrize("notebook", [KILLED], indirect=True)
def test_the_steps_of_a_killed_kernel_stay_in_the_history_and_come_back(notebook: Notebook) -> None:
    page = notebook.page
    show_panel(page)
    notebook.run(0)
    expect(step_rows(page)).to_have_count(1)
    notebook.cells.nth(1).locator(".cm-content").first.click()
    page.keyboard.press("Control+Enter")
    page.locator(".jp-Dialog .jp-mod-accept").click(timeout=60_000)  # Lab says that it restarts the kernel
    notebook.wait_until_idle()

    died = panel(page).locator(".rt-row-run", has_text="kernel died")
    expect(died).to_be_visible(timeout=60_000)
    restore(page, died, "Variables only")

    assert evaluate(notebook, "k") == "[41]"
