"""How objects of each kind are reduced to what `rebuild` makes them from again.

`REDUCERS` names types by module and qualified name, so that nothing is imported to recognise them; a type is
reduced by the first of its bases, in the order of its MRO, that is named. Exact builtins never come here: the
C pickler saves them by itself.
"""

from runtrack_jupyter.state.kinds import (
    annotations,
    arrays,
    classes,
    databases,
    duck,
    enums,
    exceptions,
    figures,
    files,
    functions,
    generators,
    interpreter,
    iterators,
    libraries,
    locks,
    logs,
    native,
    numbers,
    randomness,
    spreads,
    standard,
    tables,
    tensors,
    views,
    weak,
    widgets,
)
from runtrack_jupyter.state.kinds.handler import Reducers

__all__ = ["REDUCERS"]

REDUCERS: Reducers = {
    **annotations.REDUCERS,
    **arrays.REDUCERS,
    **classes.REDUCERS,
    **databases.REDUCERS,
    **duck.REDUCERS,
    **enums.REDUCERS,
    **exceptions.REDUCERS,
    **figures.REDUCERS,
    **files.REDUCERS,
    **functions.REDUCERS,
    **generators.REDUCERS,
    **interpreter.REDUCERS,
    **iterators.REDUCERS,
    **libraries.REDUCERS,
    **locks.REDUCERS,
    **logs.REDUCERS,
    **native.REDUCERS,
    **numbers.REDUCERS,
    **randomness.REDUCERS,
    **spreads.REDUCERS,
    **standard.REDUCERS,
    **tables.REDUCERS,
    **tensors.REDUCERS,
    **views.REDUCERS,
    **weak.REDUCERS,
    **widgets.REDUCERS,
}
