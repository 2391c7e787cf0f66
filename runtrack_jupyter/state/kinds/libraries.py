"""Objects of libraries whose own way of being pickled forgets parts of them, or refuses."""

import copyreg
import sys
from typing import TYPE_CHECKING, Any

from runtrack_jupyter.state.kinds.handler import Handler, Reducers
from runtrack_jupyter.state.kinds.numbers import reduce_by_attributes
from runtrack_jupyter.state.rebuild import libraries as rebuild
from runtrack_jupyter.state.rebuild.code import attribute, set_attributes
from runtrack_jupyter.state.unsavable import CannotSaveError

if TYPE_CHECKING:
    from runtrack_jupyter.state.pickling import StatePickler

__all__ = ["REDUCERS"]


def reduce_container(_pickler: "StatePickler", value: Any) -> Any:
    """Reduce a subclass of list, dict or set to its items and attributes, and ask none of its methods."""
    kinds: tuple[Any, ...] = (dict, list, set)
    for kind in kinds:
        if isinstance(value, kind):
            items = list(kind.items(value) if kind is dict else kind.__iter__(value))
            state = (items, dict(vars(value)), getattr(value, "default_factory", None))
            return rebuild.container, (type(value), kind), state, None, None, rebuild.set_container
    return NotImplemented


def refuse(words: str) -> Handler:
    """Return what refuses an object by what it is called."""

    def refused(_pickler: "StatePickler", _value: Any) -> Any:
        raise CannotSaveError(words)

    return refused


def reduce_response(pickler: "StatePickler", response: Any) -> Any:
    """Reduce a response with all its attributes; one that was not read yet would be read to its end by asking."""
    own = dict(vars(response))
    if not response._content_consumed and response.raw is not None:
        raise CannotSaveError("a response that was not read yet")
    if own.pop("raw", None) is not None:
        pickler.note_rebuilt("a response without the connection it came by")
    if "connection" in own:
        own["connection"] = None
    return rebuild.response, (type(response),), own, None, None, set_attributes


def remade(words: str) -> Handler:
    """Return what leaves an object to its library's own way of saving it, and says what that loses."""

    def reduce(pickler: "StatePickler", value: Any) -> Any:
        pickler.note_rebuilt(words)
        registered = copyreg.dispatch_table.get(type(value))
        return registered(value) if registered is not None else value.__reduce_ex__(5)

    return reduce


def reduce_named(_pickler: "StatePickler", value: Any) -> Any:
    """Reduce what a module offers under a name to the name."""
    name = value.__name__
    for module in _OFFERING:
        offered = sys.modules.get(module)
        if offered is not None and getattr(offered, name, None) is value:
            return attribute, (offered, name)
    return NotImplemented


_OFFERING = ("numpy", "scipy.special", "scipy.special._special_ufuncs")


def reduce_multi(_pickler: "StatePickler", value: Any) -> Any:
    """Reduce one of scipy's families of functions to its name."""
    special = sys.modules["scipy.special"]
    for name, each in vars(special).items():
        if each is value:
            return attribute, (special, name)
    return NotImplemented


def reduce_key_point(_pickler: "StatePickler", point: Any) -> Any:
    """Reduce a key point of an image to its numbers."""
    x, y = point.pt
    return type(point), (x, y, point.size, point.angle, point.response, point.octave, point.class_id)


def reduce_match(_pickler: "StatePickler", match: Any) -> Any:
    """Reduce a match of two key points to its numbers."""
    return type(match), (match.queryIdx, match.trainIdx, match.imgIdx, match.distance)


def reduce_font(_pickler: "StatePickler", font: Any) -> Any:
    """Reduce a font that was not read from a file to its bytes; others to their file, as Pillow does."""
    if isinstance(font.path, (str, bytes)):
        return NotImplemented
    settings = (font.size, font.index, font.encoding, font.layout_engine)
    return rebuild.font, (type(font), font.font_bytes, settings)


def reduce_font_path(_pickler: "StatePickler", path: Any) -> Any:
    """Reduce the path of a face in a file of fonts to both."""
    return type(path), (path.path, path.face_index)


# patsy refuses to be pickled since it may change; here the same version reads what it wrote, or says that it cannot.
_PATSY = {
    "categorical": ("_CategoricalBox", "CategoricalSniffer"),
    "constraint": ("LinearConstraint",),
    "contrasts": ("ContrastMatrix", "Treatment", "Poly", "Sum", "Helmert", "Diff"),
    "desc": ("Term", "ModelDesc", "IntermediateExpr"),
    "design_info": ("FactorInfo", "SubtermInfo", "DesignInfo"),
    "eval": ("VarLookupDict", "EvalEnvironment", "EvalFactor"),
    "mgcv_cubic_splines": ("CubicRegressionSpline", "TE"),
    "missing": ("NAAction",),
    "splines": ("BS",),
    "state": ("Center", "Standardize"),
}

REDUCERS: Reducers = {
    **{(f"patsy.{part}", name): reduce_by_attributes for part, names in _PATSY.items() for name in names},
    ("plotly.basedatatypes", "BaseFigure"): reduce_by_attributes,
    ("plotly.basedatatypes", "BasePlotlyType"): reduce_by_attributes,
    ("bokeh.core.property.wrappers", "PropertyValueContainer"): reduce_container,
    ("sklearn.utils._bunch", "Bunch"): reduce_container,
    ("openpyxl.utils.bound_dictionary", "BoundDictionary"): reduce_container,
    ("requests.models", "Response"): reduce_response,
    ("requests.sessions", "Session"): reduce_by_attributes,
    ("bs4", "BeautifulSoup"): remade(
        "a page parsed again: elements kept apart from it are no longer its own"
    ),
    ("keras.src.saving.keras_saveable", "KerasSaveable"): remade(
        "made again by keras from its configuration and weights: layers kept apart are no longer its own"
    ),
    ("dask.bag.core", "Item"): reduce_by_attributes,
    ("sympy.core.function", "WildFunction"): refuse("a wild function of sympy"),
    ("spacy.vectors", "Vectors"): remade("vectors as spacy saves them, which leaves out how often it hashes"),
    ("spacy.vocab", "Vocab"): remade("a vocabulary without what it has noted about words it has seen"),
    ("numpy", "ufunc"): reduce_named,
    ("scipy.special._multiufuncs", "MultiUFunc"): reduce_multi,
    ("cv2", "KeyPoint"): reduce_key_point,
    ("cv2", "DMatch"): reduce_match,
    ("PIL.ImageFont", "FreeTypeFont"): reduce_font,
    ("matplotlib.font_manager", "FontPath"): reduce_font_path,
}
