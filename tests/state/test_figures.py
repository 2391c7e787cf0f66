"""Figures of matplotlib are in most notebooks: they come back, and looking at them leaves them as they are."""

from tests.state.kinds import Kind, KindContract

KINDS = {
    "figures": Kind(
        "import matplotlib; matplotlib.use('agg')\n"
        "import matplotlib.pyplot as plt\n"
        "figure, axes = plt.subplots()\n"
        "axes.hist([[1, 2, 3], [2, 3]], stacked=True, label=['a', 'b'])\n"
        "axes.legend(); figure.canvas.draw(); plt.close(figure)",
        "axes.set_xlabel('changed')",
        ("axes.get_xlabel()", "axes.figure is figure", "len(axes.patches)"),
    )
}


class TestKinds(KindContract):
    kinds = KINDS
