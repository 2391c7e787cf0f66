"""The names that are variables, in a namespace with a long history."""

from typing import Any

from runtrack_jupyter.state.variables import VariableNames


def test_what_is_hidden_for_good_is_asked_for_once() -> None:
    """After 10,000 cells, IPython's own names are ten thousand; a cell pays for those that are new."""
    asked: list[str] = []

    def hidden(name: str) -> bool:
        asked.append(name)
        return name.startswith("_") or name == "In"

    namespace: dict[Any, Any] = {"In": [], "x": 1} | {f"_i{number}": "" for number in range(1000)}
    names = VariableNames(namespace, hidden)
    assert names.now() == {"x"}
    for number in range(1000, 1003):
        asked.clear()
        namespace.update({f"_i{number}": "", f"y{number}": 1, number: "no name"})
        assert names.now() == {"x", *(f"y{each}" for each in range(1000, number + 1))}
        assert len(asked) <= 8
    del namespace["x"], namespace["_i1002"]
    namespace["z"] = 1
    assert names.now() == names.every() == {"y1000", "y1001", "y1002", "z"}


def test_what_is_hidden_by_its_value_is_asked_for_each_time() -> None:
    """`exit` is IPython's until a cell binds it."""
    namespace: dict[str, Any] = {"exit": exit}
    names = VariableNames(namespace, lambda name: namespace[name] is exit)
    assert names.now() == set()
    namespace["exit"] = 3
    assert names.now() == {"exit"}
