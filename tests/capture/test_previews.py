"""A variable as text: short, safe to make, and without secrets."""

import array
import collections
import dataclasses
import enum
import sqlite3
import sys
import time
from typing import Any
from unittest.mock import MagicMock

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.ensemble import RandomForestClassifier

from runtrack_jupyter.capture.previews import describe
from runtrack_jupyter.capture.secrets import Redactor
from runtrack_jupyter.model import Variable


def seen(value: Any) -> Variable:
    return describe("x", value, 8, lambda text: text)


@dataclasses.dataclass
class Config:
    lr: float = 0.1
    name: str = "base"


Point = collections.namedtuple("Point", "x y")  # what users write


class Frame(pd.DataFrame):
    """What geopandas and users do."""


class Colour(enum.Enum):
    RED = 1


@pytest.mark.parametrize(
    ("value", "type_name", "shape", "preview", "scalar"),
    [
        (7, "int", "", "7", 7),
        (0.8213854, "float", "", "0.8213854", 0.8213854),
        (True, "bool", "", "True", True),
        (None, "NoneType", "", "None", None),
        ("GBM", "str", "", "'GBM'", "GBM"),
        (float("nan"), "float", "", "nan", None),
        (2**80, "int", "", str(2**80), None),
        pytest.param(10**9000, "int", "", "‹integer of 29,898 bits›", None, id="huge"),
        ([1, 2.5, "a"], "list", "3", "[1, 2.5, 'a']", None),
        (list(range(1000)), "list", "1,000", "[0, 1, 2, 3, 4, 5, 6, 7, … 992 more]", None),
        ((1,), "tuple", "1", "(1,)", None),
        ({"a": {"b": [1]}}, "dict", "1", "{'a': {'b': [1]}}", None),
        (set(), "set", "0", "set()", None),
        (collections.Counter("aab"), "Counter", "2", "Counter({'a': 2, 'b': 1})", None),
        (collections.deque([1, 2]), "deque", "", "deque([1, 2])", None),
        (Point(1, 2), "Point", "2", "Point(x=1, y=2)", None),
        (Config(), "Config", "", "Config(lr=0.1, name='base')", None),
        (Colour.RED, "Colour", "", "Colour.RED", None),
        (np.zeros((3, 4)), "ndarray float64", "3 × 4", "0, 0, 0, 0, 0, 0, 0, 0, …", None),
        (np.float64(0.5), "float64", "", "0.5", 0.5),
        (np.bool_(True), "bool", "", "True", True),
        (pd.DataFrame({"a": [1, 2], "b": [3, 4]}), "DataFrame", "2 × 2", "a, b", None),
        (Frame({"a": [1]}), "Frame", "1 × 1", "a", None),
        (pd.Series([1.5, 2.5]), "Series float64", "2", "1.5, 2.5", None),
        (RandomForestClassifier(n_estimators=3), "RandomForestClassifier", "", "RandomForestClassifier(n_estimators=3)", None),
        (sqlite3.connect(":memory:"), "Connection", "", "<sqlite3.Connection object>", None),
        (np, "module", "", f"module numpy {np.__version__}", None),
        (Config, "type", "", "class Config", None),
        (seen, "function", "", "seen(value)", None),
    ],
)  # fmt: skip
def test_values_are_described_as_people_read_them(
    value: Any, type_name: str, shape: str, preview: str, scalar: Any
) -> None:
    found = seen(value)

    assert (found.type, found.shape, found.preview, found.value) == (type_name, shape, preview, scalar)
    assert found.size == 8


class Angry:
    """An object that must not be asked anything."""

    def __init__(self) -> None:
        self.held = 3

    def __repr__(self) -> str:
        raise AssertionError("the notebook's own repr was run")

    __str__ = __repr__

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"asked for {name}")

    def __len__(self) -> int:
        raise AssertionError("asked for its length")

    @property  # type: ignore[misc] # a proxy lies about its class
    def __class__(self) -> Any:
        raise AssertionError("asked for its class")


def test_code_of_the_notebook_is_not_run_by_looking_at_its_objects() -> None:
    """A repr may print, query a database or never end."""
    alone, listed = seen(Angry()).preview, seen([Angry()]).preview

    assert alone == "Angry(held=3)"
    assert listed == "[Angry(held=3)]"


def test_a_library_object_whose_repr_fails_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: object) -> str:
        raise RuntimeError("no")

    monkeypatch.setattr(RandomForestClassifier, "__repr__", broken)

    assert seen(RandomForestClassifier()).preview == "‹repr failed: RuntimeError›"


def test_a_repr_that_was_slow_once_is_not_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    class Slow(RandomForestClassifier):  # type: ignore[misc] # sklearn has no types
        __module__ = "sklearn.ensemble"

    def slow(_: object) -> str:
        asked.append(1)
        time.sleep(0.08)
        return "Slow()"

    monkeypatch.setattr(Slow, "__repr__", slow, raising=False)
    first, second = seen(Slow()), seen(Slow())

    assert first.preview == "Slow()"
    assert second.preview.startswith("Slow(")
    assert len(asked) == 1


def test_looking_leaves_no_trace_in_a_mock_and_does_not_count_a_lazy_table() -> None:
    """A mock remembers what it was asked; len() of a lazy table reads all its files."""
    mock = MagicMock(name="service")

    class Lazy(RandomForestClassifier):  # type: ignore[misc] # sklearn has no types
        __module__ = "sklearn.lazy"

        def __len__(self) -> int:
            raise AssertionError("asked for its length")

    assert seen(mock).preview.startswith("<MagicMock name='service'")
    assert mock.mock_calls == []
    sys.modules["sklearn.lazy"] = sys.modules["sklearn"]
    try:
        assert seen(Lazy()).preview == "Lazy()"
    finally:
        del sys.modules["sklearn.lazy"]


def test_a_large_container_of_the_standard_library_is_not_written_out() -> None:
    numbers = array.array("d", range(3_000_000))
    started = time.perf_counter()

    found = seen(numbers)

    assert time.perf_counter() - started < 0.2  # writing them takes seconds
    assert found.preview == "<array object>"


def test_a_subclass_of_a_builtin_is_read_by_the_builtin_s_methods() -> None:
    class Loud(dict[str, int]):
        def items(self) -> Any:
            raise AssertionError

        __iter__ = __len__ = items

    assert seen(Loud(a=1)).preview.endswith("Loud({'a': 1})")


def test_a_value_that_contains_itself_has_an_end() -> None:
    loop: list[Any] = [1]
    loop.append(loop)

    assert len(seen(loop).preview) <= 200


def test_a_million_items_are_not_read() -> None:
    large = [[0] * 1000 for _ in range(1000)]
    started = time.perf_counter()

    found = seen(large)

    assert time.perf_counter() - started < 0.2
    assert found.shape == "1,000"


@pytest.mark.parametrize(
    "wrap", [lambda t: t, lambda t: [t], lambda t: {"k": t}, lambda t: pd.Series([t]), Config]
)
def test_no_preview_holds_half_a_secret(wrap: Any) -> None:
    """Cutting to size before redacting would leave the first part of a secret that reaches over the edge."""
    secret = "s3cr3tpart" * 5
    redactor = Redactor({"API_TOKEN": secret}, b"k" * 32)
    for padding in (0, 30, 55, 100, 180, 195):
        found = describe("x", wrap("." * padding + secret), 0, redactor.text)

        assert "s3cr3t" not in found.preview
        assert "s3cr3t" not in str(found.value)


NESTED = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: (
        st.lists(inner, max_size=12) | st.dictionaries(st.text(), inner, max_size=12) | st.tuples(inner)
    ),
    max_leaves=60,
)


@settings(max_examples=100, deadline=None)
@given(value=NESTED)
def test_every_preview_is_one_printable_line_of_at_most_200_characters(value: Any) -> None:
    preview = seen(value).preview

    assert len(preview) <= 200
    assert preview == "" or preview.isprintable()
