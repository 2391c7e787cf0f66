"""Objects of libraries that leave caches and handles out of their pickles on purpose are not flagged."""

import importlib.util
import sys
from collections.abc import Iterator

import pytest

from tests.state.checks import findings

LIBRARIES = {
    "pandas": """
import pandas as pd
df = pd.DataFrame({"a": [1, 2], "b": ["x", "y"], "c": pd.Categorical(["u", "v"])})
s, g, r, i = df["a"], df.groupby("b"), df.rolling(2), pd.MultiIndex.from_product([[1, 2], ["a"]])
df.describe(), df.attrs.update(x=1), i.get_loc((1, "a"))
t, d, p, z = pd.Timestamp("2026"), pd.Timedelta(1), pd.Period("2026", "M"), pd.date_range("2026", periods=3, tz="UTC")
z.year, z.dtype.name
""",
    "sklearn": """
import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
X = np.random.default_rng(0).normal(size=(60, 4))
y = (X[:, 0] > 0).astype(int)
class Mine(BaseEstimator, TransformerMixin):
    def __init__(self, a=1): self.a = a
    def fit(self, X, y=None):
        self.mean_ = X.mean()
        return self
p = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, y)
f, h = RandomForestClassifier(3).fit(X, y), HistGradientBoostingClassifier(max_iter=3).fit(X, y)
g, k, m = GridSearchCV(LogisticRegression(), {"C": [1, 2]}, cv=3).fit(X, y), KNeighborsClassifier().fit(X, y), Mine().fit(X)
""",
    "matplotlib": """
import io
import matplotlib.pyplot as plt
fig, ax = plt.subplots(2, 2)
ax[0, 0].plot([1, 2, 3], label="a")
ax[0, 0].legend()
ax[0, 1].imshow([[1, 2], [3, 4]])
fig.colorbar(ax[1, 1].scatter([1, 2], [3, 4], c=[1, 2]))
ax[1, 0].hist([1, 2, 2])
fig.savefig(io.BytesIO())
""",
    "scipy": """
import numpy as np
import scipy.interpolate as ip, scipy.sparse as sp, scipy.spatial as spa, scipy.stats as st
n, f, c, m = st.norm(0, 1), ip.interp1d([1, 2], [3, 4]), ip.CubicSpline([1, 2, 3], [3, 4, 5]), sp.csr_matrix(np.eye(3))
k, r, e = spa.KDTree(np.ones((5, 2))), spa.transform.Rotation.from_euler("x", 1), st.gaussian_kde([1, 2, 4])
""",
    "numpy": """
import numpy as np
g, r, s = np.random.default_rng(1), np.random.RandomState(2), np.random.SeedSequence(3)
m, p, P, v = np.ma.array([1, 2], mask=[0, 1]), np.poly1d([1, 2]), np.polynomial.Polynomial([1, 2]), np.vectorize(len)
class Tagged(np.ndarray): pass
t = np.zeros(3).view(Tagged)
t.unit = "m"
""",
    "PIL": """
from PIL import Image
image = Image.new("RGB", (4, 4), "red")
few = image.convert("P")
image.info["note"] = 1
""",
    "sympy": """
import sympy
x, y = sympy.symbols("x y")
e, f, m = sympy.expand((x + y) ** 5), sympy.integrate(sympy.sin(x) * x, x), sympy.Matrix([[x, 1], [2, y]])
hash(e)
""",
    "networkx": """
import networkx as nx
g = nx.karate_club_graph()
g.nodes, g.edges, g.adj
d, v = nx.DiGraph([(1, 2)]), g.edges(data=True)
""",
    "xarray": """
import numpy as np, xarray as xr
ds = xr.Dataset({"a": (("x", "y"), np.ones((2, 3)))}, coords={"x": [1, 2]})
da, m, q = ds.a, ds.mean(), ds.groupby("x")
""",
    "polars": """
import polars as pl
df = pl.DataFrame({"a": [1, 2], "b": ["x", "y"]})
s, l, e = df["a"], df.lazy(), pl.col("a") + 1
""",
    "pyarrow": """
import pyarrow as pa
t, a, s = pa.table({"a": [1, 2]}), pa.array([1, None]), pa.schema([("a", pa.int64())])
""",
    "torch": """
import torch
net = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.ReLU())
opt = torch.optim.Adam(net.parameters())
net(torch.ones(1, 2)).sum().backward()
opt.step()
""",
    "requests": """
import requests
s = requests.Session()
s.headers["a"] = "b"
q = requests.Request("GET", "http://a").prepare()
""",
    "bs4": """
from bs4 import BeautifulSoup
b = BeautifulSoup("<p>a<b>c</b></p>", "html.parser")
""",
    "pydantic": """
import pydantic
class M(pydantic.BaseModel):
    a: int
    b: str = "x"
m = M(a=1)
""",
    "attr": """
import attr
@attr.s
class A:
    x = attr.ib()
@attr.frozen
class B:
    x: int
    y: list
a, b = A(1), B(2, [3])
""",
    "traitlets": """
import traitlets
class T(traitlets.HasTraits):
    a = traitlets.Int(1)
t = T(a=3)
""",
    "dateutil": """
import dateutil.relativedelta, dateutil.rrule, dateutil.tz
z, d = dateutil.tz.gettz("Europe/Berlin"), dateutil.relativedelta.relativedelta(days=1)
r = dateutil.rrule.rrule(dateutil.rrule.DAILY, count=3)
list(r)
""",
}


@pytest.fixture(autouse=True)
def _no_figures() -> Iterator[None]:
    """Close what is drawn: open figures are part of every state of this process."""
    yield
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")


@pytest.mark.parametrize("library", LIBRARIES)
def test_what_a_library_drops_on_purpose_is_not_flagged(
    library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its caches are made again when they are asked for; a warning would be about nothing."""
    if importlib.util.find_spec(library) is None:
        pytest.skip(f"{library} is not installed")
    monkeypatch.setenv("MPLBACKEND", "agg")

    assert findings(LIBRARIES[library]) == []


def test_what_somebody_hung_on_an_object_of_a_library_counts() -> None:
    """The library cannot make it again: it does not know of it."""
    source = "import sortedcontainers\ns = sortedcontainers.SortedList([1])\ns._note = s.note = [1]"

    assert findings(source) == [
        "attribute `_note` of `SortedList` is lost",
        "attribute `note` of `SortedList` is lost",
    ]
