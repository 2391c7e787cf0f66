"""Every system by its name on the command line."""

from benchmarks.systems.dill import Dill
from benchmarks.systems.kishu import Kishu
from benchmarks.systems.runtrack import Runtrack
from benchmarks.systems.system import System
from benchmarks.systems.untracked import Untracked

__all__ = ["SYSTEMS"]

SYSTEMS: dict[str, type[System]] = {
    "untracked": Untracked,
    "runtrack": Runtrack,
    "dill": Dill,
    "kishu": Kishu,
}
