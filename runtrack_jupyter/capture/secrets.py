"""Secrets are cut out before bytes reach the disk, and put back where they still exist.

A secret is the value of an environment variable whose name says so, or a text of a known shape
(`token_shapes.py`). In its place stands a marker that names it and carries a keyed digest of it, such as
``‹secret OPENAI_API_KEY 3f9a1c20›``: without the user's key the digest says nothing, with it `Redactor.fill`
recognises the value in the environment or in the live document.
"""

import html
import json
import os
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import quote, quote_plus

import msgspec
from blake3 import blake3

from runtrack_jupyter.capture.token_shapes import SENSITIVE_NAME, SHAPES
from runtrack_jupyter.model import Gap

__all__ = ["Redactor"]

_LEAST = 8  # characters; shorter values occur by chance
_MARKED = re.compile(r"‹secret (?P<name>[\w.-]{1,64}) (?P<digest>[0-9a-f]{8})›")
_ANCHORS = tuple(sorted({anchor for shape in SHAPES for anchor in shape.anchors}))
_OPAQUE_MIME = re.compile(r"image/(?!svg)|audio/|video/|font/|application/(?:pdf|octet-stream|zip)")


class _Span(NamedTuple):
    start: int
    end: int
    name: str


class Redactor:
    """Cuts the secrets of one environment out of texts, outputs and documents.

    Parameters
    ----------
    environ : Mapping[str, str]
        The environment; see `learn` for what changes later.
    key : bytes or None
        The user's key. With None the markers cannot be filled again by another redactor.

    Every method returns its argument itself where there was nothing to cut. Redacting twice changes nothing more.
    `found` counts what was cut, by the name in the marker.
    """

    def __init__(self, environ: Mapping[str, str], key: bytes | None) -> None:
        self._key = blake3(key if key is not None else os.urandom(32)).digest()
        self._names: dict[str, str] = {}  # every spelling of every secret value -> the variable's name
        self._known: dict[str, str] = {}
        self.found: Counter[str] = Counter()
        self.learn(environ)

    def learn(self, environ: Mapping[str, str]) -> None:
        """Take in what `environ` holds now; values it held before stay secret. Cheap where nothing changed."""
        known = {name: value for name, value in environ.items() if _is_secret_name(name)}
        if known == self._known:
            return
        self._known = known
        for name, value in known.items():
            if _is_secret(value):
                for spelling in _spellings(value):
                    self._names.setdefault(spelling, re.sub(r"[^\w.-]", "_", name, flags=re.ASCII)[:48])

    def is_secret(self, name: str, value: str) -> bool:
        """Tell whether a variable of the environment looks secret, by its name or by what is in it."""
        return _is_secret_name(name) or (self._may_hold(value) and bool(self._spans(value)))

    def text(self, text: str) -> str:
        """Return `text` with a marker in the place of every secret."""
        if not self._may_hold(text):
            return text
        pieces, at = [], 0
        for start, end, name in self._spans(text):
            self.found[name] += 1
            pieces += [text[at:start], self._marker(name, text[start:end])]
            at = end
        return "".join((*pieces, text[at:])) if pieces else text

    def source(self, source: str) -> str:
        """Return a cell's source with a marker in the place of every secret."""
        return self.text(source)

    def data(self, data: bytes) -> bytes:
        """Return the bytes of a patch or a source file with the secrets cut out of what is text in them."""
        text = data.decode("utf-8", "surrogateescape")
        redacted = self.text(text)
        return data if redacted is text else redacted.encode("utf-8", "surrogateescape")

    def value(self, value: Any) -> Any:
        """Return a JSON value with the secrets cut out of every string in it, keys included."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict | list) and self._may_hold(_as_text(value)):
            return _mapped(value, self.text)
        return value

    def output(self, output: dict[str, Any]) -> dict[str, Any]:
        """Return an nbformat output without secrets; images and other encoded media are left alone."""
        return _output(output, self.text, self.value)

    def document(self, document: dict[str, Any]) -> dict[str, Any]:
        """Return an nbformat document without secrets: sources, outputs and metadata; attachments are left alone."""
        return _document(document, self.text, self.value)

    def fill(
        self, document: dict[str, Any], live: dict[str, Any] | None = None
    ) -> tuple[dict[str, Any], tuple[Gap, ...]]:
        """Put secrets back where their value is in the environment or in the `live` document; the rest are gaps."""
        values = {self._digest(value): value for value in self._names}
        if live is not None:
            values.update((self._digest(value), value) for value in self._secrets_in(live))
        missing: dict[str, Gap] = {}

        def put_back(match: re.Match[str]) -> str:
            value = values.get(match["digest"])
            if value is None:
                missing.setdefault(match[0], _gap(match["name"], match["digest"]))
            return match[0] if value is None else value

        def filled(text: str) -> str:
            return _MARKED.sub(put_back, text) if "‹secret " in text else text

        return _document(document, filled, lambda value: _mapped(value, filled)), tuple(missing.values())

    def _may_hold(self, text: str) -> bool:
        return any(anchor in text for anchor in _ANCHORS) or any(value in text for value in self._names)

    def _spans(self, text: str) -> list[_Span]:
        """Return where secrets stand, in order; spans that overlap are one, so that no half of one stays."""
        markers = [match.span() for match in _MARKED.finditer(text)]
        spans = [
            _Span(*match.span("value" if "value" in match.re.groupindex else 0), shape.name)
            for shape in SHAPES
            if any(anchor in text for anchor in shape.anchors)
            for match in _compiled(shape.pattern).finditer(text)
        ]
        for value, name in self._names.items():
            start = text.find(value)
            while start >= 0:
                spans.append(_Span(start, start + len(value), name))
                start = text.find(value, start + len(value))
        merged: list[_Span] = []
        for span in sorted(spans):
            if any(start < span.end and span.start < end for start, end in markers):
                continue
            if merged and span.start < merged[-1].end:
                span = _Span(merged[-1].start, max(span.end, merged[-1].end), merged.pop().name)
            merged.append(span)
        return [
            span._replace(name=self._names.get(text[span.start : span.end], span.name)) for span in merged
        ]

    def _marker(self, name: str, value: str) -> str:
        marker = f"‹secret {name} {self._digest(value)}›"
        # A variable whose value is its own name: the marker must not say it.
        if any(other in marker for other in self._names):
            return f"‹secret hidden {self._digest(value)}›"
        return marker

    def _digest(self, value: str) -> str:
        return blake3(value.encode("utf-8", "surrogatepass"), key=self._key).hexdigest()[:8]

    def _secrets_in(self, document: dict[str, Any]) -> Iterator[str]:
        texts: list[str] = []

        def gather(text: str) -> str:
            texts.append(text)
            return text

        _document(document, gather, lambda value: _mapped(value, gather))
        for text in texts:
            if self._may_hold(text):
                yield from (text[span.start : span.end] for span in self._spans(text))


@lru_cache(maxsize=128)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


@lru_cache(maxsize=1024)
def _is_secret_name(name: str) -> bool:
    return re.fullmatch(SENSITIVE_NAME, name, re.IGNORECASE) is not None


def _as_text(value: Any) -> str:
    """Return a JSON value as one text: one look at that is far cheaper than a walk through the numbers of a plot."""
    try:
        return msgspec.json.encode(value).decode()
    except (TypeError, ValueError):
        return repr(value)  # not quite JSON: a lone surrogate, a key that is no string


def _is_secret(value: str) -> bool:
    text = value.strip()
    if len(text) < _LEAST:
        return False
    # A path says where a secret lies; /-led random text is no path that exists.
    looks_like_path = text.startswith(("/", "~", "./", "../")) or text[1:3] in (":\\", ":/")
    return not (looks_like_path and os.path.lexists(os.path.expanduser(text)))  # noqa: PTH111 # "~nobody" must not raise


def _spellings(value: str) -> set[str]:
    """Return how `value` may stand in a text: as it is, or as Python, JSON, HTML or a URL would write it."""
    text = value.strip()
    escaped = text.encode("unicode_escape").decode()
    controls = text.replace("\t", "\\t").replace("\r", "\\r").replace("\n", "\\n")  # as pandas shows them
    python = {
        text,
        repr(text)[1:-1],
        escaped,
        escaped.replace("'", "\\'"),
        escaped.replace('"', '\\"'),
        controls,
    }
    of_json = {json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1]}
    of_html = {html.escape(each, quote=quotes) for each in python for quotes in (True, False)}
    of_urls = {quote(text, safe=safe, errors="replace") for safe in ("", "/")} | {
        quote_plus(text, errors="replace")
    }
    return python | of_json | of_html | of_urls


def _gap(name: str, digest: str) -> Gap:
    return Gap(
        subject=f"{name} {digest}",
        kind="redacted",
        reason=f"the secret {name} was not recorded, and its value is neither in the environment nor in the notebook now",
    )


def _mapped(value: Any, text: Callable[[str], str]) -> Any:
    """Apply `text` to every string in a JSON value; what does not change stays the same object."""
    if isinstance(value, str):
        return text(value)
    if isinstance(value, list):
        items = [_mapped(item, text) for item in value]
        return items if any(new is not old for new, old in zip(items, value, strict=True)) else value
    if isinstance(value, dict):
        pairs = [
            (text(key) if isinstance(key, str) else key, _mapped(item, text)) for key, item in value.items()
        ]
        same = all(
            new is old and key == before
            for (key, new), (before, old) in zip(pairs, value.items(), strict=True)
        )
        return value if same else dict(pairs)
    return value


def _lines(value: Any, text: Callable[[str], str]) -> Any:
    """Apply `text` to a multi-line string of nbformat: a string or a list of its lines."""
    if not isinstance(value, list) or not all(isinstance(line, str) for line in value):
        return _mapped(value, text)
    whole = "".join(value)  # a private key spans lines
    changed = text(whole)
    return value if changed == whole else changed.splitlines(keepends=True)


def _traceback(value: Any, text: Callable[[str], str]) -> Any:
    if not isinstance(value, list) or not all(isinstance(line, str) for line in value):
        return _mapped(value, text)
    whole = "\n\0".join(value)  # entries are no lines, so their borders need a sign of their own
    changed = text(whole)
    return value if changed == whole else changed.split("\n\0")


def _output(
    output: dict[str, Any], text: Callable[[str], str], value: Callable[[Any], Any]
) -> dict[str, Any]:
    changed: dict[str, Any] = {}
    for key, item in output.items():
        if key == "text":
            changed[key] = _lines(item, text)
        elif key == "traceback":
            changed[key] = _traceback(item, text)
        elif key == "data" and isinstance(item, dict):
            changed[key] = _bundle(item, text, value)
        else:
            changed[key] = value(item)
    return changed if any(changed[key] is not item for key, item in output.items()) else output


def _bundle(
    bundle: dict[str, Any], text: Callable[[str], str], value: Callable[[Any], Any]
) -> dict[str, Any]:
    changed: dict[str, Any] = {}
    for mime, item in bundle.items():
        if _OPAQUE_MIME.match(mime):
            changed[mime] = item
        elif "json" in mime:
            changed[mime] = value(item)
        else:
            changed[mime] = _lines(item, text)
    return changed if any(changed[mime] is not item for mime, item in bundle.items()) else bundle


def _document(
    document: dict[str, Any], text: Callable[[str], str], value: Callable[[Any], Any]
) -> dict[str, Any]:
    def cell(old: dict[str, Any]) -> dict[str, Any]:
        new = {**old, "source": _lines(old.get("source", ""), text)}
        if "metadata" in old:
            new["metadata"] = value(old["metadata"])
        if "outputs" in old:
            new["outputs"] = [_output(output, text, value) for output in old["outputs"]]
        return new

    return {
        **document,
        "metadata": value(document.get("metadata", {})),
        "cells": [cell(old) for old in document.get("cells", ())],
    }
