"""Figures of matplotlib are in most notebooks: they come back, and looking at them leaves them as they are."""

from tests.state.kinds import Kind, comes_back, is_seen_to_change, stays_unchanged

FIGURE = Kind(
    "import matplotlib; matplotlib.use('agg')\n"
    "import matplotlib.pyplot as plt\n"
    "figure, axes = plt.subplots()\n"
    "axes.hist([[1, 2, 3], [2, 3]], stacked=True, label=['a', 'b'])\n"
    "axes.legend(); figure.canvas.draw(); plt.close(figure)",
    "axes.set_xlabel('changed')",
    ("axes.get_xlabel()", "axes.figure is figure", "len(axes.patches)"),
)


def test_a_figure_that_nobody_touches_stays_unchanged() -> None:
    """Matplotlib counts how often a figure was pickled; to us that is no change."""
    stays_unchanged(FIGURE)


def test_a_figure_comes_back() -> None:
    """In the same kernel and in a fresh one."""
    comes_back(FIGURE)


def test_a_change_of_a_figure_is_seen() -> None:
    is_seen_to_change(FIGURE)
