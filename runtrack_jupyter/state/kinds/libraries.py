"""Objects of libraries whose own way of being pickled forgets parts of them, or refuses."""

import copyreg
import io
import re
import sys
from functools import WRAPPER_ASSIGNMENTS
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


def reduce_of_keras(pickler: "StatePickler", value: Any) -> Any:
    """Leave a model, layer or the like to keras, whose archive would be another one every second."""
    reduced = value.__reduce__()
    pickler.note_rebuilt(
        "made again by keras from its configuration and weights: layers kept apart are no longer its own"
    )
    (archive,) = reduced[1]
    return rebuild.of_keras, (type(value), _without_times(archive))


def reduce_with_attributes(_pickler: "StatePickler", value: Any) -> Any:
    """Reduce an object of C as its library does, with the attributes that it leaves behind."""
    make, made_of, state = value.__reduce_ex__(5)[:3]
    return make, made_of, (state, dict(vars(value))), None, None, rebuild.set_with_attributes


def reduce_wrapper(_pickler: "StatePickler", value: Any) -> Any:
    """Reduce what wraps a function as its library does, with what `functools.wraps` gave it."""
    own = vars(value)
    kept = {name: own[name] for name in (*WRAPPER_ASSIGNMENTS, "__wrapped__") if name in own}
    return *value.__reduce_ex__(5)[:2], kept, None, None, set_attributes


def reduce_image(_pickler: "StatePickler", image: Any) -> Any:
    """Reduce an image of a file as Pillow does, with what it says about the frames of the file."""
    make, made_of, state = image.__reduce_ex__(5)[:3]
    kept = {name: vars(image)[name] for name in _OF_FRAMES if name in vars(image)}
    return make, made_of, (state, kept), None, None, rebuild.set_with_attributes


_OF_FRAMES = ("default_image", "is_animated", "n_frames")


def _without_times(archive: io.BytesIO) -> bytes:
    zipfile: Any = sys.modules["zipfile"]  # keras has just used it; in the kernel of others it is not wanted
    made = io.BytesIO()
    with zipfile.ZipFile(archive) as old, zipfile.ZipFile(made, "w") as new:
        for entry in old.infolist():
            data = old.read(entry)
            if entry.filename == "metadata.json":
                data = re.sub(rb'"date_saved": "[^"]*"', b'"date_saved": ""', data)
            new.writestr(zipfile.ZipInfo(entry.filename), data)
    return made.getvalue()


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
    ("keras.src.saving.keras_saveable", "KerasSaveable"): reduce_of_keras,
    ("dask.bag.core", "Item"): reduce_by_attributes,
    ("jaxlib._jax", "PjitFunction"): reduce_with_attributes,
    ("jaxlib.xla_extension", "PjitFunction"): reduce_with_attributes,
    ("sympy.core.function", "WildFunction"): refuse("a wild function of sympy"),
    ("spacy.vectors", "Vectors"): remade("vectors as spacy saves them, which leaves out how often it hashes"),
    ("spacy.vocab", "Vocab"): remade("a vocabulary without what it has noted about words it has seen"),
    ("numpy", "ufunc"): reduce_named,
    ("scipy.special._multiufuncs", "MultiUFunc"): reduce_multi,
    ("cv2", "KeyPoint"): reduce_key_point,
    ("cv2", "DMatch"): reduce_match,
    ("PIL.ImageFile", "ImageFile"): reduce_image,
    ("PIL.ImageFont", "FreeTypeFont"): reduce_font,
    ("numba.np.ufunc.dufunc", "DUFunc"): reduce_wrapper,
    ("matplotlib.font_manager", "FontPath"): reduce_font_path,
}
