"""What recording may not cost: nothing heavy is loaded into the user's kernel."""

from tests.kernel.livekernel import LiveKernel

HEAVY = ("git", "nbformat", "numpy", "pandas", "rich", "click", "jupyter_server", "sklearn")


def test_a_kernel_that_records_restores_and_looks_back_loads_nothing_heavy(kernel: LiveKernel) -> None:
    """GitPython alone takes 100 ms, nbformat seconds when cold."""
    kernel.run("x = 1")
    run = kernel.ask("checkpoint", request_id="01JD00000000000000000000A1")["result"]["run"]["run_id"]
    assert kernel.ask("restore", request_id="01JD00000000000000000000A2", id=run)["ok"]
    kernel.run("import runtrack_jupyter as rt\nlen(rt.runs()), len(rt.steps())")

    loaded = kernel.value(f"sorted(set(__import__('sys').modules) & set({HEAVY!r}))")

    assert loaded == []
