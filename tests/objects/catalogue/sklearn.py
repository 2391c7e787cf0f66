"""scikit-learn and what follows its interface."""

from tests.objects.entry import Entry, Shelf

__all__ = ["SHELVES"]

_PRELUDE = (
    "import numpy as np\nrng = np.random.default_rng(0)\n"
    "X = np.abs(rng.normal(size=(40, 3))); y = (X[:, 0] > 0.6).astype(int)\n"
    "def fitted(estimator):\n"
    "    if not hasattr(estimator, 'fit'): return estimator\n"
    "    for target in (y, X, None):\n"
    "        try:\n"
    "            return estimator.fit(X, target) if target is not None else estimator.fit(X)\n"
    "        except Exception:\n"
    "            pass\n"
    "    return estimator\n"
)

_ESTIMATORS = (
    "calibration",
    "cluster",
    "compose",
    "covariance",
    "cross_decomposition",
    "decomposition",
    "discriminant_analysis",
    "dummy",
    "ensemble",
    "feature_extraction",
    "feature_extraction.text",
    "feature_selection",
    "gaussian_process",
    "gaussian_process.kernels",
    "impute",
    "isotonic",
    "kernel_approximation",
    "kernel_ridge",
    "linear_model",
    "manifold",
    "metrics",
    "mixture",
    "model_selection",
    "multiclass",
    "multioutput",
    "naive_bayes",
    "neighbors",
    "neural_network",
    "pipeline",
    "preprocessing",
    "random_projection",
    "semi_supervised",
    "svm",
    "tree",
    "utils",
)

_SKLEARN = Shelf(
    "scikit-learn",
    "scikit-learn",
    entries=(
        Entry(
            "a fitted pipeline and its steps",
            "import numpy as np\nfrom sklearn.pipeline import make_pipeline\nfrom sklearn.preprocessing import StandardScaler\n"
            "from sklearn.ensemble import RandomForestClassifier\nX = np.arange(40.).reshape(20, 2); y = np.arange(20) % 2\n"
            "p = make_pipeline(StandardScaler(), RandomForestClassifier(3, random_state=0)).fit(X, y); s = p[0]; t = p[1].estimators_[0].tree_",
            (
                "p.predict_proba(X), p[0] is s, p[1].estimators_[0].tree_ is t, s.mean_, p.get_params().keys()",
            ),
            "s.mean_[0] = 99",
        ),
        Entry(
            "a search and its best estimator",
            "import numpy as np\nfrom sklearn.model_selection import GridSearchCV\nfrom sklearn.linear_model import Ridge\n"
            "X = np.arange(20.).reshape(10, 2); y = X[:, 0]\ng = GridSearchCV(Ridge(), {'alpha': [1, 2]}, cv=2).fit(X, y); b = g.best_estimator_",
            ("g.best_params_, g.predict(X), g.best_estimator_ is b, g.cv_results_['params']",),
            "b.coef_[0] = 5",
        ),
    ),
    modules=("sklearn.base", *(f"sklearn.{name}" for name in _ESTIMATORS)),
    finish="fitted(made)",
    prelude=_PRELUDE + "from sklearn.linear_model import LinearRegression, LogisticRegression",
    recipes={
        "Pipeline": "fitted(cls([('l', LogisticRegression())]))",
        "FeatureUnion": "fitted(cls([('p', __import__('sklearn.preprocessing').preprocessing.StandardScaler())]))",
        "ColumnTransformer": "fitted(cls([('p', __import__('sklearn.preprocessing').preprocessing.StandardScaler(), [0])]))",
    },
    arguments={
        "": "X",
        "estimator": "LogisticRegression()",
        "base_estimator": "LogisticRegression()",
        "estimators": "[('a', LogisticRegression()), ('b', LogisticRegression(C=2))]",
        "X": "X",
        "y": "y",
        "param_grid": "{'C': [1, 2]}",
        "param_distributions": "{'C': [1, 2]}",
        "n_splits": "3",
        "k1": "None",
        "dictionary": "np.eye(3)",
        "transformers": "[]",
    },
)

SHELVES = (_SKLEARN,)
