"""pandas and scikit-learn on a frame of 380 MB: derived columns, subsets, models, a few values set in place."""

from benchmarks.sessions.session import Session, cells_of, probes_of

__all__ = ["frames"]

_SIZES = {"rows": 2_400_000, "sample": 40_000}

_CELLS = """
# %%
import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.metrics import accuracy_score
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
# %%
rng = np.random.default_rng(11)
frame = pd.DataFrame(rng.normal(size=($rows, 16)), columns=[f"f{n}" for n in range(16)])
# %%
frame["day"] = rng.integers(0, 365, $rows)
frame["shop"] = rng.integers(0, 500, $rows)
frame["units"] = rng.integers(1, 20, $rows)
# %%
frame["region"] = pd.Categorical.from_codes(frame["shop"] % 4, ["north", "east", "south", "west"])
# %%
frame.head(3)
# %%
summary = frame[["f0", "f1", "units"]].describe()
# %%
frame["ratio"] = frame["f0"] / (frame["f1"].abs() + 1.0)
# %%
late = frame[frame["day"] > 340]
# %%
by_region = frame.groupby("region", observed=True)["units"].agg(["mean", "sum"])
# %%
counts, edges = np.histogram(frame["ratio"], bins=50)
# %%
frame.loc[frame.index[:1000], "f2"] = 0.0
# %%
sample = frame.sample($sample, random_state=1).reset_index(drop=True)
# %%
features = [f"f{n}" for n in range(16)]
X = sample[features]
y = (sample["f0"] + 0.5 * sample["f3"] + 0.1 * sample["units"] > 1.0).astype("int8")
# %%
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=2)
# %%
scaler = StandardScaler().fit(X_train)
# %%
logistic = LogisticRegression(max_iter=200).fit(scaler.transform(X_train), y_train)
accuracy = accuracy_score(y_test, logistic.predict(scaler.transform(X_test)))
# %%
pipeline = make_pipeline(scaler, SGDClassifier(random_state=3)).fit(X_train, y_train)
# %%
forest = RandomForestClassifier(20, max_depth=10, random_state=4).fit(X_train, y_train)
# %%
importance = pd.Series(forest.feature_importances_, index=features).sort_values()
# %%
sample["predicted"] = forest.predict(X)
# %%
narrow = frame[["f0", "day", "shop"]]
renamed = frame.rename(columns={"f0": "first"})
# %%
weekly = frame.pivot_table(index="day", columns="region", values="units", aggfunc="sum", observed=True)
# %%
shops = pd.DataFrame({"shop": range(500), "city": [f"city {n % 37}" for n in range(500)]})
merged = sample.merge(shops, on="shop")
# %%
def mean_of(name):
    return float(frame[name].mean())

found = mean_of("f2")
# %%
del late
frame.iat[7, 0] = 42.0
# %%
frame["units"] *= 2
# %%
for name in features[:3]:
    importance[name] = -1.0
"""

_PROBES = """
frame
list(frame.dtypes.astype(str))
frame.shape
frame["region"].cat.categories
summary
late.shape, late.index
by_region
counts, edges
sample
y
X_train.index
scaler.mean_
logistic.coef_
accuracy
pipeline.named_steps["standardscaler"] is scaler
pipeline[-1].coef_
forest.predict(X_test[:200])
importance
narrow.iloc[:100]
renamed["first"]
weekly
merged["city"]
mean_of("f1")
found
mean_of.__globals__["frame"] is frame
name
rng.bit_generator.state["state"]["state"]
"""


def frames(scale: float) -> Session:
    """Return the session with `scale` times as many rows."""
    return Session(
        name="frames",
        title="pandas and scikit-learn, a frame of 380 MB",
        cells=cells_of(_CELLS, _SIZES, scale=scale, least=2000),
        probes=tuple(probes_of(_PROBES)),
        needs=("numpy", "pandas", "sklearn"),
        memory=int(2_400_000_000 * scale),
    )
