"""How objects of each kind are reduced to what `rebuild` makes them from again.

`REDUCERS` names types by module and qualified name, so that nothing is imported to recognise them; a type is
reduced by the first of its bases, in the order of its MRO, that is named. Exact builtins never come here: the
C pickler saves them by itself.
"""

from runtrack_jupyter.state.kinds import (
    arrays,
    classes,
    figures,
    functions,
    numbers,
    randomness,
    spreads,
    tables,
    tensors,
)
from runtrack_jupyter.state.kinds.handler import Reducers

__all__ = ["REDUCERS"]

REDUCERS: Reducers = {
    **arrays.REDUCERS,
    **classes.REDUCERS,
    **figures.REDUCERS,
    **functions.REDUCERS,
    **numbers.REDUCERS,
    **randomness.REDUCERS,
    **spreads.REDUCERS,
    **tables.REDUCERS,
    **tensors.REDUCERS,
}
