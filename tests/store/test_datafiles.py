"""A run rests on files that were read long before it."""

from pathlib import Path

from runtrack_jupyter.model import DataFile, Digest
from runtrack_jupyter.store.datafiles import data_files
from runtrack_jupyter.store.frames import Recorded
from tests.store.builder import Kernel, read_history


def test_what_was_read_before_the_run_above_counts_as_last_seen(store: Path) -> None:
    """What a cell read yesterday is still in the variables that today's run holds."""
    kernel = Kernel(store)
    for digest in "12":
        step_id = kernel.begin()
        file = DataFile(path="a.csv", direction="read", digest=Digest(digest))
        kernel.writer.append(Recorded(step_id=step_id, what="file", file=file))
        kernel.end()
    kernel.checkpoint("has read it")
    kernel.run_cell("x = 1", x="1")
    later = kernel.checkpoint("reads nothing itself")
    kernel.writer.close()
    history = read_history(store)

    (file,) = data_files(history, history.run(later.run_id))

    assert (file.path, file.digest, file.step_id) == ("a.csv", "2", step_id)
