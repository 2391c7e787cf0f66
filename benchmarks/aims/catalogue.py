"""Every group of single figures by its name."""

from collections.abc import Callable, Iterator

from benchmarks.aims.afresh import restore_afresh
from benchmarks.aims.arrays import changed_in_place, frames, reached
from benchmarks.aims.cells import drift, native_speed, nothing_large, trivial_cells
from benchmarks.aims.figure import Figure, Workshop
from benchmarks.aims.objects import containers, documents

__all__ = ["AIMS"]

AIMS: dict[str, Callable[[Workshop], Iterator[Figure]]] = {
    "cells": trivial_cells,
    "loop": native_speed,
    "gigabyte": nothing_large,
    "arrays": reached,
    "frame": frames,
    "changed": changed_in_place,
    "containers": containers,
    "documents": documents,
    "afresh": restore_afresh,
    "drift": drift,
}
