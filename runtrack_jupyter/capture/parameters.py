"""The parameters that papermill puts into a notebook.

It adds a cell whose first line is ``# Parameters`` and that assigns constants, one a line
(https://papermill.readthedocs.io/en/latest/usage-parameterize.html); the cell's tag never reaches the kernel.
"""

import ast

from runtrack_jupyter.model import Measured, Scalar

__all__ = ["injected_parameters"]

_MARK = "# Parameters"
_LONGEST_TEXT = 1000


def injected_parameters(source: str) -> tuple[Measured, ...]:
    """Return the names that papermill's cell assigns and their values; a value that is no scalar as its source."""
    if not source.lstrip().startswith(_MARK):
        return ()
    try:
        statements = ast.parse(source).body
    except (SyntaxError, ValueError):
        return ()
    found: dict[str, Measured] = {}
    for each in statements:
        if isinstance(each, ast.Assign) and len(each.targets) == 1 and isinstance(each.targets[0], ast.Name):
            name = each.targets[0].id
            found[name] = Measured(name=name, value=_value(each.value))
    return tuple(found.values())


def _value(node: ast.expr) -> Scalar:
    try:
        value = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        value = ...
    if value is None or type(value) in (bool, int, float, str):
        return value  # type: ignore[no-any-return]
    return ast.unparse(node)[:_LONGEST_TEXT]
