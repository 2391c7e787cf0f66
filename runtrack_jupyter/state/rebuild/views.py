"""Views of dicts, made again over the dict they show."""

from collections import OrderedDict
from collections.abc import ItemsView, KeysView, ValuesView
from typing import Any

__all__ = ["items", "keys", "ordered_items", "ordered_keys", "ordered_values", "values"]


def keys(shown: dict[Any, Any]) -> KeysView[Any]:
    """Return the keys of a dict, whatever its class makes of `keys`."""
    return dict.keys(shown)


def values(shown: dict[Any, Any]) -> ValuesView[Any]:
    """Return the values of a dict."""
    return dict.values(shown)


def items(shown: dict[Any, Any]) -> ItemsView[Any, Any]:
    """Return the items of a dict."""
    return dict.items(shown)


def ordered_keys(shown: "OrderedDict[Any, Any]") -> KeysView[Any]:
    """Return the keys of an ordered dict."""
    return OrderedDict.keys(shown)


def ordered_values(shown: "OrderedDict[Any, Any]") -> ValuesView[Any]:
    """Return the values of an ordered dict."""
    return OrderedDict.values(shown)


def ordered_items(shown: "OrderedDict[Any, Any]") -> ItemsView[Any, Any]:
    """Return the items of an ordered dict."""
    return OrderedDict.items(shown)
