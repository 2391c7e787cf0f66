"""Large data costs no more memory than the copies that may wait for the disk."""

import json
from pathlib import Path

import pytest

from tests.kernel.conftest import StartKernel
from tests.kernel.livekernel import LiveKernel

_ARRAYS, _PENDING = 200, 16  # megabytes: the default limit of 512, and what goes with it, scaled down
_OTHER = 1.1
_PEAK = "int(next(line for line in open('/proc/self/status') if line.startswith('VmHWM')).split()[1]) >> 10"
CELLS = (
    f"import numpy as np\na = [np.random.default_rng(n).random({_ARRAYS} << 14) for n in range(8)]",
    "for each in a: each += 1",
    "a[0] *= 2; b = a.pop()",
)


def _run(kernel: LiveKernel, folder: Path) -> tuple[int, int]:
    """Return the most memory that the cells took, and what was on disk when the first of them had ended: megabytes."""
    assert kernel.run(CELLS[0]).status == "ok"
    written = sum(file.stat().st_size for file in folder.glob(".runtrack/segments/*"))
    for cell in CELLS[1:]:
        assert kernel.run(cell).status == "ok"
    return int(kernel.value(_PEAK)), written >> 20


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="asks Linux for the peak")
def test_a_kernel_that_captures_large_arrays_needs_no_more_than_the_limit_beside_them(
    start_kernel: StartKernel, home: Path, folder: Path
) -> None:
    """Peak at most untracked plus the limit plus a tenth: beyond it the cell waits at the speed of the disk."""
    settings = home / "config" / "runtrack.json"
    settings.parent.mkdir(parents=True)
    settings.write_text(json.dumps({"pending_megabytes": _PENDING}))

    untracked, _ = _run(start_kernel(RUNTRACK_DISABLE="1"), folder)
    tracked, written = _run(start_kernel(), folder)

    assert untracked > _ARRAYS
    assert tracked <= (untracked + _PENDING) * _OTHER
    assert written >= _ARRAYS - 2 * _PENDING, "the cell has waited for what was beyond the limit"
