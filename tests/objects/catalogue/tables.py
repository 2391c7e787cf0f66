"""pandas, polars, Arrow and what else holds tables and labelled arrays."""

import re

from tests.objects.entry import Shelf

__all__ = ["SHELVES"]

# What pandas has computed, which indexes are views of one, the names of levels: all of it comes by itself.
_BY_ITSELF = r"\._cache\b|\._id$|\._readonly$|\._references$|\._freq$|\._levels\[\d+\]\._name$"

_PANDAS = Shelf(
    "pandas",
    "pandas",
    ignored=re.compile(_BY_ITSELF),
    never={"Flags": "it belongs to a frame"},
    modules=(
        "pandas",
        "pandas.arrays",
        "pandas.api.types",
        "pandas.api.indexers",
        "pandas.api.typing",
        "pandas.tseries.offsets",
        "pandas.tseries.holiday",
        "pandas.io.formats.style",
    ),
    prelude="import pandas as pd, numpy as np\ndf = pd.DataFrame({'k': list('aab'), 'v': [1, 2, 3], 't': pd.date_range('2020', periods=3)})",
    recipes={
        "DataFrameGroupBy": "df.groupby('k')",
        "SeriesGroupBy": "df.groupby('k').v",
        "Rolling": "df.v.rolling(2)",
        "Expanding": "df.v.expanding()",
        "ExponentialMovingWindow": "df.v.ewm(1)",
        "RollingGroupby": "df.groupby('k').v.rolling(2)",
        "ExpandingGroupby": "df.groupby('k').v.expanding()",
        "ExponentialMovingWindowGroupby": "df.groupby('k').v.ewm(1)",
        "Resampler": "df.set_index('t').resample('D')",
        "DatetimeIndexResamplerGroupby": "df.set_index('t').groupby('k').resample('D')",
        "TimeGrouper": "pd.Grouper(key='t', freq='D')",
        "Styler": "df.style",
        "MultiIndex": "pd.MultiIndex.from_product([['a', 'b'], [1, 2]], names=['x', 'y'])",
        "CategoricalIndex": "pd.CategoricalIndex(['a', 'b', 'a'])",
        "IntervalIndex": "pd.interval_range(0, 3)",
        "PeriodIndex": "pd.period_range('2020', periods=2)",
        "DatetimeIndex": "pd.date_range('2020', periods=3, tz='UTC')",
        "TimedeltaIndex": "pd.to_timedelta(['1D', '2D'])",
        "Period": "pd.Period('2020')",
        "Interval": "pd.Interval(0, 1)",
        "Timestamp": "pd.Timestamp('2020-01-01', tz='Europe/Berlin')",
        "Timedelta": "pd.Timedelta('1D')",
        "DatetimeTZDtype": "pd.DatetimeTZDtype('ns', 'UTC')",
        "NaTType": "pd.NaT",
        "Expression": "pd.col('a') + 1",
        "Window": "df.v.rolling(2, win_type='boxcar')",
        "Index": "pd.Index(['a', 'b'], name='n')",
        "RangeIndex": "pd.RangeIndex(3)",
        "RollingGroupBy": "df.groupby('k').v.rolling(2)",
        "ExpandingGroupBy": "df.groupby('k').v.expanding()",
        "ExponentialMovingWindowGroupBy": "df.groupby('k').v.ewm(1)",
        "DatetimeIndexResamplerGroupBy": "df.set_index('t').groupby('k').resample('D')",
        "PeriodDtype": "pd.PeriodDtype('D')",
        "DataFrame": "df.copy()",
        "ArrowDtype": "pd.array([1, None], 'int64[pyarrow]').dtype",
        "ArrowExtensionArray": "pd.array([1, None], 'int64[pyarrow]')",
        "ArrowStringArray": "pd.array(['a', None], 'string[pyarrow]')",
        "StringArray": "pd.array(['a', None], 'string[python]')",
        "IntegerArray": "pd.array([1, None], 'Int64')",
        "FloatingArray": "pd.array([1.5, None], 'Float64')",
        "BooleanArray": "pd.array([True, None], 'boolean')",
        "IntervalArray": "pd.interval_range(0, 3).array",
        "PeriodArray": "pd.period_range('2020', periods=2).array",
        "DatetimeArray": "pd.date_range('2020', periods=3, tz='UTC').array",
        "TimedeltaArray": "pd.to_timedelta(['1D', '2D']).array",
        "NumpyExtensionArray": "pd.Series([1, 2]).array",
        "SparseArray": "pd.arrays.SparseArray([0, 0, 1])",
    },
)

_POLARS = Shelf(
    "polars",
    "polars",
    modules=("polars", "polars.dataframe", "polars.series", "polars.datatypes"),
    prelude="import polars as pl\ndf = pl.DataFrame({'a': [1, 2], 'b': ['x', None]})",
    recipes={
        "DataFrame": "df",
        "Series": "pl.Series('s', [1, None, 3])",
        "LazyFrame": "df.lazy().filter(pl.col('a') > 1)",
        "Expr": "pl.col('a') + 1",
        "SQLContext": "pl.SQLContext(df=df)",
        "Enum": "pl.Enum(['a', 'b'])",
        "List": "pl.List(pl.Int8)",
        "Array": "pl.Array(pl.Int8, 3)",
        "Struct": "pl.Struct({'a': pl.Int8})",
        "Schema": "df.schema",
    },
)

_ARROW = Shelf(
    "pyarrow",
    "pyarrow",
    modules=(
        "pyarrow",
        "pyarrow.compute",
        "pyarrow.dataset",
        "pyarrow.parquet",
        "pyarrow.csv",
        "pyarrow.json",
        "pyarrow.fs",
        "pyarrow.types",
    ),
    prelude="import pyarrow as pa, pyarrow.compute as pc\ntable = pa.table({'a': [1, 2, None], 'b': ['x', 'y', None]})",
    recipes={
        "Table": "table",
        "RecordBatch": "table.to_batches()[0]",
        "ChunkedArray": "table['a']",
        "Schema": "table.schema",
        "Field": "table.schema.field('a')",
        "Buffer": "pa.py_buffer(b'abc')",
        "Array": "pa.array([1, 2])",
        "DataType": "pa.int32()",
        "PythonFile": "cls(__import__('io').BytesIO())",
        "NativeFile": "pa.BufferReader(b'abc')",
    },
)

_XARRAY = Shelf(
    "xarray",
    "xarray",
    ignored=re.compile(_BY_ITSELF + r"|\._attrs$|\._close$"),  # None becomes {} when anything asks for it
    modules=("xarray",),
    prelude="import xarray as xr, numpy as np\nda = xr.DataArray(np.arange(6.0).reshape(2, 3), dims=('x', 'y'), coords={'x': ['a', 'b']}, name='v')",
    recipes={
        "DataArray": "da",
        "Dataset": "da.to_dataset()",
        "DataTree": "xr.DataTree.from_dict({'/a': da.to_dataset()})",
        "Variable": "da.variable",
        "IndexVariable": "da['x'].variable",
    },
)

SHELVES = (_PANDAS, _POLARS, _ARROW, _XARRAY)
