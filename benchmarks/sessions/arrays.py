"""800 MB in four arrays, views on them, and small slices changed in place."""

from benchmarks.sessions.session import Session, cells_of, probes_of

__all__ = ["arrays"]

_SIZES = {"rows": 25_000, "points": 8_333_333}

_CELLS = """
# %%
import numpy as np

rng = np.random.default_rng(7)
np.random.seed(0)
# %%
base = rng.random(($rows, 1000))
# %%
pixels = rng.integers(0, 255, size=($rows * 8, 1000), dtype=np.uint8)
# %%
series = np.arange($rows * 1000, dtype=np.float64)
# %%
points = np.zeros($points, dtype=[("x", "f8"), ("y", "f8"), ("id", "i8")])
# %% views of several kinds
window = base[5:15]
column = base[:, 3]
flipped = base.T
# %%
base[10, :5] = 0.0
# %% through a view
window[0, 0] = -1.0
# %%
pixels[::1000] = 255
# %%
halves = [series[: len(series) // 2], series[len(series) // 2 :]]
# %%
halves[1][:100] += 1.0
# %%
points["x"][:1000] = rng.random(1000)
# %%
grid = np.broadcast_to(series[:100], (50, 100))
sliding = np.lib.stride_tricks.sliding_window_view(series[:1000], 5)
# %%
masked = np.ma.masked_less(series[:10_000], 500.0)
# %%
means = base.mean(axis=0)
# %%
def scale_rows(rows, factor):
    rows *= factor

scale_rows(base[:5], 2.0)
# %%
np.random.seed(3)
draws = np.random.random(10)
# %% views of views, in an array of objects too
inner = window[2:8][:, ::2]
objects = np.array([base[0], "text", None], dtype=object)
# %%
series[-100:] = 0.0
del column
"""

_PROBES = """
base
pixels
series
points
base.flags.writeable, base.flags.c_contiguous
window
window.base is base
np.shares_memory(window, base)
window.__array_interface__["data"][0] - base.__array_interface__["data"][0]
column
column.base is base
np.shares_memory(column, base)
flipped.strides, flipped.base is base
np.shares_memory(flipped, base)
halves
np.shares_memory(halves[0], series), np.shares_memory(halves[1], series)
np.shares_memory(halves[0], halves[1])
grid.strides, grid.flags.writeable
np.shares_memory(grid, series)
sliding.strides, np.shares_memory(sliding, series)
masked.sum(), masked.mask.sum()
type(masked).__name__
means
inner.strides, np.shares_memory(inner, base)
inner
objects[0].base is base
objects[1:]
rng.bit_generator.state["state"]["state"]
np.random.get_state()[1][:5], np.random.get_state()[2]
draws
scale_rows.__code__.co_varnames
"""


def arrays(scale: float) -> Session:
    """Return the session with `scale` times as many elements."""
    return Session(
        name="arrays",
        title="numpy, 800 MB in arrays, small slices changed in place",
        cells=cells_of(_CELLS, _SIZES, scale=scale),
        probes=tuple(probes_of(_PROBES)),
        needs=("numpy",),
        memory=int(1_600_000_000 * scale),
    )
