"""Long manifests in pieces: what one version has in common with the next is on disk once.

A manifest of a thousand megabytes names ten thousand chunks, of which a cell changes a few. Its JSON is cut behind
digests that end in a certain way, so that the same digests in the same order make the same pieces.
"""

import re

__all__ = ["pieces_of"]

_SHORT = 8 << 10  # shorter ones lie in the frame that needs them
_CUT = re.compile(rb'[0-3]0"[,\]}]*')  # one in 64 digests: pieces of 4 KiB
_MOST = 64 << 10


def pieces_of(encoded: bytes) -> list[bytes]:
    """Return the pieces of a manifest's JSON; none when it is short."""
    if len(encoded) <= _SHORT:
        return []
    ends = [found.end() for found in _CUT.finditer(encoded)]
    if not ends or ends[-1] != len(encoded):
        ends.append(len(encoded))
    pieces: list[bytes] = []
    start = 0
    for end in ends:
        pieces += (encoded[at : min(at + _MOST, end)] for at in range(start, end, _MOST))
        start = end
    return pieces
