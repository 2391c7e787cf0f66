"""What recording may not cost: nothing heavy is loaded into the user's kernel."""

from tests.kernel.livekernel import LiveKernel

HEAVY = ("git", "nbformat", "numpy", "pandas", "rich", "click", "jupyter_server", "sklearn")

MODULES = 165  # of ours; each takes half a millisecond of the start, for which 150 ms are the limit
LATER = tuple(f"runtrack_jupyter.{each}" for each in ("lineage", "replay", "share", "server", "cli"))
LOADED = "[name for name in __import__('sys').modules if name.startswith('runtrack_jupyter')]"


def test_the_start_of_a_kernel_loads_what_every_cell_needs(kernel: LiveKernel) -> None:
    """Making values again, asking the history and sharing are loaded by whoever comes to them."""
    loaded = kernel.value(LOADED)

    assert len(loaded) <= MODULES
    assert [name for name in loaded if name.startswith(LATER)] == []


def test_a_kernel_that_records_restores_and_looks_back_loads_nothing_heavy(kernel: LiveKernel) -> None:
    """GitPython alone takes 100 ms, nbformat seconds when cold."""
    kernel.run("x = 1")
    run = kernel.ask("checkpoint", request_id="01JD00000000000000000000A1")["result"]["run"]["run_id"]
    assert kernel.ask("restore", request_id="01JD00000000000000000000A2", id=run)["ok"]
    kernel.run("import runtrack_jupyter as rt\nlen(rt.runs()), len(rt.steps())")

    loaded = kernel.value(f"sorted(set(__import__('sys').modules) & set({HEAVY!r}))")

    assert loaded == []
