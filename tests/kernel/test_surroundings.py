"""In a real kernel: what is no variable, and what lives on the page, comes back with the variables."""

import time

from tests.kernel.conftest import StartKernel

SETUP = """
%matplotlib inline
import decimal, os, random, warnings
import ipywidgets as widgets
import matplotlib.pyplot as plt
slider = widgets.IntSlider(3)
slots = []
slider.observe(lambda change: slots.append(change.new), "value")
shell = get_ipython()
figure, axes = plt.subplots()
axes.plot([1, 2])
decimal.getcontext().prec = 9
os.environ["RT_LEVEL"] = "one"
os.environ["RT_API_KEY"] = "sesame-open-1234"
"""
CHANGE = """
decimal.getcontext().prec = 4
os.environ["RT_LEVEL"] = "two"
os.environ["RT_API_KEY"] = "sesame-open-5678"
slider.value = 8
warnings.simplefilter("error")
axes.set_title("late")
figure = plt.figure()
"""
PROBE = (
    "[decimal.getcontext().prec, os.environ.get('RT_LEVEL'), slider.value, slots, shell is get_ipython(),"
    " len(axes.lines), axes.figure is figure, plt.get_fignums(), 'error' in [each[0] for each in warnings.filters]]"
)


def test_the_kernel_is_set_up_as_it_was(start_kernel: StartKernel) -> None:
    """Settings made in one cell are there in the next one after a restore; a secret is left alone."""
    kernel = start_kernel()
    kernel.run(SETUP)
    expected = kernel.value(PROBE)
    first = kernel.ask("checkpoint", request_id="01JD00000000000000000000B1", message="")["result"]["run"]
    kernel.run(CHANGE)
    assert kernel.value(PROBE) != expected
    answer = kernel.ask("restore", request_id="01JD00000000000000000000B2", id=first["run_id"])["result"]
    assert kernel.value(PROBE) == expected
    assert kernel.value("os.environ['RT_API_KEY']") == "sesame-open-5678"
    assert [gap["subject"] for gap in answer["gaps"]] == ["@environ.secrets"]
    assert kernel.value("(setattr(slider, 'value', 5), slots)[1]") == [5]
    assert kernel.run("").outputs == []


def test_restoring_shows_no_figure(start_kernel: StartKernel) -> None:
    """The inline backend shows a figure when its cell ends, and never because state came back."""
    kernel = start_kernel()
    kernel.run("%matplotlib inline\nimport matplotlib.pyplot as plt\nfigure = plt.figure(); x = 1")
    run = kernel.ask("checkpoint", request_id="01JD00000000000000000000C1", message="")["result"]["run"]
    kernel.run("figure = x = None")
    kernel.ask("restore", request_id="01JD00000000000000000000C2", id=run["run_id"])
    assert kernel.run("plt.get_fignums()").text == "[]"
    shown = kernel.run("x").outputs
    assert [output.get("data", {}).get("text/plain") for output in shown] == ["1"]


def test_what_the_kernel_does_around_cells_is_no_change_of_theirs(start_kernel: StartKernel) -> None:
    """It exchanges `input`, fills `builtins`, and keeps the latest error; code that could change anything is run."""
    kernel = start_kernel()
    kernel.run("import builtins, getpass, sys, os, json\nclass A: pass\na = A()")
    kernel.run("setattr(a, 'x', 1); exec('y = 1')")
    kernel.run("exec('z = 1 / 0')")
    kernel.run("exec('z = 1')")
    time.sleep(2)  # looks are taken while it is idle, too

    run = kernel.ask("checkpoint", request_id="01JD00000000000000000000E1", message="")["result"]["run"]

    shown = kernel.run(
        f"import runtrack_jupyter as rt\nrun = rt.show({run['run_id']!r}).record\n[*run.components], run.gaps"
    ).text
    assert "'a'" in shown
    assert "@attribute" not in shown
