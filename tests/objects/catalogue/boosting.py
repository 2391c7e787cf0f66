"""Boosted trees and statistics."""

import re

from tests.objects.entry import Entry, Shelf

__all__ = ["SHELVES"]

_DATA = "import numpy as np\nrng = np.random.default_rng(0); X = rng.normal(size=(40, 3)); y = (X[:, 0] > 0).astype(int)\n"
_FITTED = (
    _DATA
    + "def fitted(estimator):\n    try:\n        return estimator.fit(X, y) if hasattr(estimator, 'fit') else estimator\n"
    "    except Exception:\n        return estimator\n"
)


def _classifier(library: str, make: str) -> Entry:
    return Entry(
        "a fitted classifier",
        _DATA + make,
        ("m.predict_proba(X)[:3].tolist()", "sorted(m.get_params().items(), key=str)"),
        "m.fit(X, 1 - y)",
    )


SHELVES = (
    Shelf(
        "xgboost",
        "xgboost",
        entries=(
            _classifier(
                "xgboost",
                "import xgboost\nm = xgboost.XGBClassifier(n_estimators=3, random_state=0).fit(X, y)",
            ),
            Entry(
                "a booster",
                _DATA
                + "import xgboost\nd = xgboost.DMatrix(X, y); b = xgboost.train({'seed': 1}, d, 2); b.set_attr(a='1'); d = None",
                ("b.predict(xgboost.DMatrix(X))[:3].tolist(), b.attributes(), b.best_iteration if 0 else 0",),
                "b.set_attr(a='2')",
            ),
            Entry(
                "a matrix",
                _DATA + "import xgboost\nd = xgboost.DMatrix(X, y)",
                ("d.num_row()",),
                "d.set_label(1 - y)",
            ),
        ),
        modules=("xgboost",),
        ignored=re.compile(r"handle\b"),  # where the booster lies in memory
        prelude=_FITTED + "import xgboost",
        recipes={"Booster": "xgboost.train({}, xgboost.DMatrix(X, y), 1)"},
        arguments={"": "X", "data": "X"},
        finish="fitted(made)",
    ),
    Shelf(
        "lightgbm",
        "lightgbm",
        entries=(
            _classifier(
                "lightgbm",
                "import lightgbm\nm = lightgbm.LGBMClassifier(n_estimators=3, random_state=0, verbose=-1).fit(X, y)",
            ),
            Entry(
                "a booster",
                _DATA + "import lightgbm\nb = lightgbm.train({'verbose': -1}, lightgbm.Dataset(X, y), 2)",
                ("b.predict(X)[:3].tolist(), b.num_trees(), b.best_iteration",),
                "b.shuffle_models(); b.best_iteration = 1",
            ),
            Entry(
                "a data set",
                _DATA + "import lightgbm\nd = lightgbm.Dataset(X, y)",
                ("d.data is X",),
                "d.params = {'a': 1}",
            ),
        ),
        modules=("lightgbm",),
        ignored=re.compile(r"handle\b"),  # where the booster lies in memory
        prelude=_FITTED + "import lightgbm",
        recipes={"Booster": "lightgbm.train({'verbose': -1}, lightgbm.Dataset(X, y), 1)"},
        arguments={"": "X", "data": "X"},
        finish="fitted(made)",
    ),
    Shelf(
        "catboost",
        "catboost",
        entries=(
            Entry(
                "a fitted classifier",
                _DATA
                + "import catboost\nm = catboost.CatBoostClassifier(iterations=3, verbose=0, allow_writing_files=False).fit(X, y)",
                ("m.predict_proba(X)[:3].tolist()", "m.get_params()"),
                "m.fit(X, 1 - y)",
            ),
            Entry(
                "a pool",
                _DATA + "import catboost\np = catboost.Pool(X, y)",
                ("p.shape",),
                "p.set_weight(np.ones(40))",
            ),
        ),
        modules=("catboost",),
        prelude=_FITTED + "import catboost",
        recipes=dict.fromkeys(
            ("CatBoost", "CatBoostClassifier", "CatBoostRegressor", "CatBoostRanker"),
            "cls(iterations=2, verbose=0, allow_writing_files=False)",
        ),
        arguments={"": "X"},
        finish="fitted(made)",
    ),
    Shelf(
        "statsmodels",
        "statsmodels",
        entries=(
            Entry(
                "a fitted model",
                _DATA + "import statsmodels.api as sm\nm = sm.OLS(y, sm.add_constant(X)); r = m.fit()",
                ("r.params.tolist(), r.model is m, r.rsquared, str(r.summary().tables[1])",),
                "m.exog[0, 0] = 9",
            ),
            Entry(
                "a model by formula",
                _DATA
                + "import pandas as pd, statsmodels.formula.api as smf\ndf = pd.DataFrame(X, columns=list('abc')); r = smf.ols('a ~ b + c', df).fit()",
                ("r.params.to_dict(), r.predict(df.head(2)).tolist()",),
                "df.loc[0, 'a'] = 5",
            ),
            Entry(
                "a time series model",
                _DATA
                + "from statsmodels.tsa.arima.model import ARIMA\nr = ARIMA(X[:, 0], order=(1, 0, 0)).fit()",
                ("r.params.tolist(), r.forecast(2).tolist()",),
                "r = None",
            ),
        ),
        ignored=re.compile(r"\._cache\b|\._id$|_levels\[\d+\]\._name$"),
        modules=("statsmodels.api", "statsmodels.tsa.api", "statsmodels.stats.api"),
        prelude=_DATA + "import statsmodels.api as sm\ny = y + 1.0",
        arguments={"": "X", "endog": "y", "exog": "X", "data": "X"},
    ),
)
