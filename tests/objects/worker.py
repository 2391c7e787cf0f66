"""The two processes of a trial, one shelf at a time: `make` records, `restore` looks at what came back.

Each row is written down as soon as it is known, so that a library that kills its process costs one row.
"""

import importlib
import io
import os
import pkgutil
import sys
import warnings
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import msgspec

import tests.objects.catalogue
from tests.objects.entry import Shelf
from tests.objects.making import OverTimeError, classes_of
from tests.objects.trial import Seen, see_restored, try_class, try_entry

__all__ = ["main", "shelves"]


def shelves() -> dict[str, Shelf]:
    """Return every shelf of the catalogue by its title, in the order of the page."""
    found: list[Shelf] = []
    for module in sorted(each.name for each in pkgutil.iter_modules(tests.objects.catalogue.__path__)):
        found += importlib.import_module(f"tests.objects.catalogue.{module}").SHELVES
    return {
        shelf.title: shelf
        for shelf in sorted(found, key=lambda shelf: (bool(shelf.distribution), shelf.title))
    }


def main(act: str, title: str, folder: str) -> None:
    """Do one half of the trial of a shelf; rows that are in the journal already are not tried again."""
    warnings.simplefilter("ignore")
    os.environ["MPLBACKEND"] = "agg"
    shelf = shelves()[title]
    place = Path(folder)
    quiet = redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO())
    with quiet[0], quiet[1]:
        if act == "make":
            _make(shelf, place, place / "make.jsonl")
        else:
            _restore(shelf, place, place / "restore.jsonl")


def _known(place: Path, act: str) -> dict[str, Seen]:
    lines = (place / f"{act}.jsonl").read_bytes().splitlines()
    rows = [msgspec.json.decode(line, type=Seen) for line in lines]
    return {seen.row: seen for seen in rows}


def _make(shelf: Shelf, place: Path, journal: Path) -> None:
    known = _known(place, "make")
    for entry in shelf.entries:
        if entry.name not in known:
            _note(journal, Seen(entry.name, "died"))
            _note(
                journal, _guarded(entry.name, lambda entry=entry: try_entry(entry, _file(place, entry.name)))
            )
    space: dict[str, Any] = {"__name__": "__main__"}
    exec(shelf.prelude, space)
    for path, cls in classes_of(shelf).items():
        if path not in known:
            _note(journal, Seen(path, "died"))
            _note(
                journal, _guarded(path, lambda p=path, c=cls: try_class(p, c, shelf, space, _file(place, p)))
            )


def _restore(shelf: Shelf, place: Path, journal: Path) -> None:
    known = _known(place, "restore")
    if shelf.imports:
        exec(shelf.imports, {})
    for row, made in _known(place, "make").items():
        if row not in known and made.kind in ("made", "rebuilt"):
            _note(journal, Seen(row, "died"))
            _note(journal, _guarded(row, lambda row=row: see_restored(_file(place, row), shelf, row)))


def _guarded(row: str, act: Any) -> Seen:
    try:
        return act()  # type: ignore[no-any-return]
    except OverTimeError:
        return Seen(row, "failed", "takes longer than a minute")
    except Exception as error:  # noqa: BLE001 - whatever a library raises where nothing of ours caught it: the row fails
        return Seen(row, "failed", f"{type(error).__name__}: {error}"[:300])


def _file(place: Path, row: str) -> Path:
    return place / "".join(c if c.isalnum() else "_" for c in row)


def _note(journal: Path, seen: Seen) -> None:
    with journal.open(
        "ab"
    ) as file:  # each time: there are classes that close what file they are given by number
        file.write(msgspec.json.encode(seen) + b"\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
