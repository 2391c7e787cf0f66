"""How the classes of data libraries that keep their contents in C are looked at, for `portrait`.

By name, so that nothing is imported for it. Each look says what the contents are by the library's own export to plain
values, which is another way than the one they are saved by.
"""

import sys
from collections.abc import Callable
from typing import Any

__all__ = ["LOOKS", "WHOLE"]

Look = Callable[[Any, Any, str], None]


def _by(*exports: Callable[[Any], Any]) -> Look:
    def look(walk: Any, value: Any, place: str) -> None:
        for number, export in enumerate(exports):
            walk.see(export(value), f"{place}<{number}>")

    return look


def _tensor(walk: Any, value: Any, place: str) -> None:
    walk.say(place, f"{value.dtype} {tuple(value.shape)} {value.layout} {value.device} {value.requires_grad}")
    walk.see(value.is_leaf, f"{place}.is_leaf")
    if value.is_sparse or "sparse" in str(value.layout):
        walk.see(value.detach().to_dense().double().numpy(), f"{place}.dense")
        return
    if value.is_quantized:
        walk.see((value.q_scale(), value.int_repr().numpy()), f"{place}.quantised")
    else:
        storage = value.untyped_storage()
        walk.say(place, f"{value.stride()} {value.storage_offset()} {storage.nbytes()}")
        walk.say(place, walk.memory(value.data_ptr(), storage.data_ptr()))
        walk.see(
            bytes(storage.tolist()) if storage.nbytes() < 1 << 16 else storage.nbytes(), f"{place}.storage"
        )
    walk.see(value.grad if value.is_leaf else None, f"{place}.grad")


def _expression(walk: Any, value: Any, place: str) -> None:
    # What is assumed of a symbol is part of it; what was found out about it later is not.
    sympy = sys.modules["sympy"]
    walk.say(place, sympy.srepr(value))
    for symbol in sorted(value.free_symbols, key=str):
        walk.see(str(sorted(symbol._assumptions_orig.items())), f"{place}.{symbol}")


def _logger(walk: Any, value: Any, place: str) -> None:
    walk.say(place, f"{value.name} {value.level} {value.disabled} {len(value.handlers)}")


WHOLE = frozenset({_expression, _logger})  # after which nothing else needs to be looked at

LOOKS: dict[str, Look] = {
    "shapely.geometry.base.BaseGeometry": _by(lambda v: (v.wkb_hex, v.wkt)),
    "shapely.lib.Geometry": _by(lambda v: (v.wkb_hex, v.wkt)),
    "sympy.core.basic.Basic": _expression,
    "logging.Logger": _logger,
    "pyarrow.lib._Tabular": _by(lambda v: v.to_pydict(), lambda v: str(v.schema)),
    "pyarrow.lib.Array": _by(lambda v: v.to_pylist(), lambda v: str(v.type)),
    "pyarrow.lib.ChunkedArray": _by(lambda v: v.to_pylist(), lambda v: (str(v.type), v.num_chunks)),
    "pyarrow.lib.Scalar": _by(lambda v: v.as_py(), lambda v: str(v.type)),
    "pyarrow.lib.Buffer": _by(lambda v: v.to_pybytes()),
    "polars.dataframe.frame.DataFrame": _by(lambda v: v.to_dict(as_series=False), lambda v: str(v.schema)),
    "polars.series.series.Series": _by(lambda v: v.to_list(), lambda v: (v.name, str(v.dtype), v.flags)),
    "polars.lazyframe.frame.LazyFrame": _by(lambda v: v.explain(optimized=False)),
    "polars.expr.expr.Expr": _by(lambda v: v.meta.tree_format(return_as_string=True)),
    "PIL.Image.Image": _by(lambda v: (v.mode, v.size, v.tobytes(), v.info), lambda v: v.getpalette()),
    "torch.Tensor": _tensor,
    "torch._C.TensorBase": _tensor,
    "torch._C.Generator": _by(lambda v: v.get_state().tolist()),
    "torch.storage.UntypedStorage": _by(lambda v: v.tolist()),
    "xgboost.core.Booster": _by(lambda v: bytes(v.save_raw("json")), lambda v: v.attributes()),
    "lightgbm.basic.Booster": _by(lambda v: v.model_to_string()),
    "tokenizers.Tokenizer": _by(lambda v: v.to_str()),
}
