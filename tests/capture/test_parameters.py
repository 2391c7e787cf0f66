"""The cell that papermill adds, told from every other."""

import pytest
from papermill.translators import PythonTranslator

from runtrack_jupyter.capture.parameters import injected_parameters


def test_what_papermill_writes_is_read_back() -> None:
    """Its own translator writes the cell; what is no scalar is kept as it was written."""
    given = {
        "rate": 0.1,
        "rounds": 3,
        "name": "it's \u00e9",
        "fast": True,
        "nothing": None,
        "sizes": [1, 2],
        "lost": float("nan"),
    }

    source = PythonTranslator.codify(given)

    found = {each.name: each.value for each in injected_parameters(source)}
    assert found == {**given, "sizes": "[1, 2]", "lost": "float('nan')"}
    assert type(found["fast"]) is bool


@pytest.mark.parametrize(
    "source",
    ["", "rate = 0.1", "x = 1  # Parameters", "# Parameters of the model:\nif", "# Parameters\nrate ="],
)
def test_other_cells_have_none(source: str) -> None:
    """Half a cell has none either: it does not run."""
    assert injected_parameters(source) == ()


def test_the_last_value_of_a_name_counts() -> None:
    """A call in it is kept as text, and never made."""
    found = injected_parameters("# Parameters\nrate = 0.1\nrate = print('no')\nx.y = 2\n")

    assert [(each.name, each.value) for each in found] == [("rate", "print('no')")]
