"""What one look at some roots came to, on its way to be a component."""

import io
import pickle
import types
from typing import Any

import msgspec

from runtrack_jupyter.state.component import Chunk, Copies, LiveComponent, chunked, prints_of
from runtrack_jupyter.state.cutter import Place
from runtrack_jupyter.state.ledger import NOTHING, Fingerprint, Known
from runtrack_jupyter.state.links import Ties
from runtrack_jupyter.state.pickling import Reach
from runtrack_jupyter.state.pieces import Piece, Spread

__all__ = ["Unit", "plain_unit"]


class Unit(msgspec.Struct, eq=False):
    """Roots looked at together, and what came of it."""

    roots: tuple[str, ...]
    print: Fingerprint
    stream: memoryview
    buffers: list[memoryview | Piece]
    ties: Ties = Ties()
    codes: tuple[types.CodeType, ...] = ()
    settled: Known | None = None  # nothing changed, in content or in what it reaches
    atom: Any = NOTHING
    keeps: Reach | None = None
    rebuilt: str = ""
    spreads: dict[Place, Spread] = {}
    alone: dict[str, Fingerprint] = {}

    def copied(
        self, known: dict[str, Known], copies: Copies
    ) -> tuple[LiveComponent, Fingerprint, dict[bytes, Chunk]]:
        """Return a component of its own bytes, copying what `known` does not have; raises TooLargeError.

        With it come its prints, which are those of the copies, and its chunks by their print.
        """
        old: dict[bytes, Chunk] = {}
        for root in self.roots:
            former = known.get(root)
            if former is not None:
                old.update(former.pieces)
        pieces: dict[bytes, Chunk] = {}
        stream, stream_print = chunked(self.stream, self.print.stream, old, pieces, copies)
        taken = [
            (buffer.chunks, buffer.print)
            if isinstance(buffer, Piece)
            else chunked(buffer, prints, old, pieces, copies)
            for buffer, prints in zip(self.buffers, self.print.buffers, strict=True)
        ]
        live = LiveComponent(
            self.roots,
            stream,
            [chunks for chunks, _ in taken],
            references=self.print.references,
            python=self.print.python,
            libraries=self.print.libraries,
        )
        prints = self.print._replace(stream=stream_print, buffers=tuple(prints for _, prints in taken))
        return live, prints, pieces


def plain_unit(root: str, value: Any, *, memo: bool = True) -> Unit:
    """Return the unit of an immutable value that pickle saves by itself.

    Without `memo` there are no references within it: where many values go into one stream, the unpickler's memo
    does not begin where another's does.
    """
    stream = memoryview(pickle.dumps(value, 5) if memo else _without_memo(value))
    fingerprint = Fingerprint(prints_of(stream), (), (), "")
    return Unit((root,), fingerprint, stream, [], atom=value, alone={root: fingerprint})


def _without_memo(value: Any) -> bytes:
    file = io.BytesIO()
    pickler = pickle.Pickler(file, 5)
    pickler.fast = True
    pickler.dump(value)
    return file.getvalue()
