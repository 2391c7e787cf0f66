"""Copies are made into memory that is used again, are cut where they should be, and never more than there is room for."""

import gc
import itertools
import os
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from xxhash import xxh3_128_digest

from runtrack_jupyter.state import CHUNK_SIZE, Chunk
from runtrack_jupyter.state.arenas import Arenas, Copy
from runtrack_jupyter.state.component import Copies, chunked, prints_of
from runtrack_jupyter.state.cutting import cut_by_content


def pieces_of(data: bytes) -> list[bytes]:
    ends = [0, *cut_by_content(memoryview(data))]
    return [data[start:end] for start, end in itertools.pairwise(ends)]


def test_a_copy_stays_as_it_was_made_while_others_come_and_go() -> None:
    """Memory is used again only when nobody holds a copy in it any more."""
    arenas = Arenas()
    kept = [(arenas.copy(memoryview(data)), data) for data in (os.urandom(CHUNK_SIZE) for _ in range(100))]
    del kept[::2]
    for _ in range(300):
        arenas.copy(memoryview(bytes(CHUNK_SIZE)))

    for copy, data in kept:
        assert isinstance(copy, Copy)
        assert copy.data == data


def test_memory_is_used_again() -> None:
    """Fresh memory costs several times the copy."""
    arenas = Arenas()
    data = memoryview(os.urandom(1 << 20))
    addresses = set()
    for _ in range(64):
        copy = arenas.copy(data)
        assert isinstance(copy, Copy)
        view = copy.data
        addresses.add(id(view.obj))
        del copy, view
    gc.collect()

    assert len(addresses) <= 3


def test_a_released_chunk_has_no_data() -> None:
    chunk, _ = Copies().chunk(memoryview(bytes(CHUNK_SIZE)))
    digest = chunk.hash()
    chunk.release()

    assert (chunk.data, chunk.digest) == (None, digest)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 1 << 30), size=st.integers(0, 600_000))
def test_what_is_cut_joins_to_what_it_was(seed: int, size: int) -> None:
    data = (seed.to_bytes(8, "little") + os.urandom(97)) * (size // 105 + 1)

    assert b"".join(pieces_of(data[:size])) == data[:size]


def test_an_insertion_moves_no_cut_but_those_beside_it() -> None:
    data = os.urandom(4 << 20)
    changed = data[:1_000_000] + b"inserted" + data[1_000_000:]

    new = set(pieces_of(changed)) - set(pieces_of(data))
    assert 1 <= len(new) <= 3


def test_pieces_are_neither_tiny_nor_huge() -> None:
    sizes = [len(piece) for piece in pieces_of(os.urandom(8 << 20))[:-1]]

    assert min(sizes) >= 8 << 10
    assert max(sizes) <= 256 << 10
    assert 32 << 10 < sum(sizes) / len(sizes) < 96 << 10


@pytest.mark.parametrize("changed", [0, CHUNK_SIZE - 1, CHUNK_SIZE, 5 * CHUNK_SIZE + 7])
def test_memory_that_changes_in_place_is_copied_again_only_where_it_changed(changed: int) -> None:
    memory = bytearray(os.urandom(6 * CHUNK_SIZE))
    view = memoryview(memory)
    before: dict[bytes, Chunk] = {}
    chunked(view, prints_of(view), {}, before, Copies())
    memory[changed] ^= 1
    after: dict[bytes, Chunk] = {}
    chunks, prints = chunked(view, prints_of(view), before, after, Copies())

    assert [chunk in before.values() for chunk in chunks].count(False) == 1
    assert prints == prints_of(view)


def test_the_prints_are_those_of_the_copies_where_another_thread_wrote_meanwhile() -> None:
    """Else a change that came between hashing and copying would never be seen."""
    memory = bytearray(os.urandom(3 * CHUNK_SIZE))
    stale = prints_of(memoryview(memory))
    memory[CHUNK_SIZE] ^= 1
    _, prints = chunked(memoryview(memory), stale, {}, {}, Copies())

    assert prints == prints_of(memoryview(memory)) != stale


def test_a_capture_that_copies_much_hands_copies_over_while_it_goes_on() -> None:
    """So that it needs no more memory than the limit, however much it copies."""
    memory = bytearray(64 << 20)
    for at in range(0, len(memory), CHUNK_SIZE):
        memory[at : at + 8] = at.to_bytes(8, "little")  # no two pieces are alike
    copies = Copies()
    most = 0

    def spill(chunks: Sequence[Chunk], size: int) -> bool:
        nonlocal most
        most = max(most, size)
        assert sum(chunk.size for chunk in chunks) == size
        for chunk in chunks:
            chunk.hash()
            chunk.release()
        return True

    copies.spill = spill
    view = memoryview(memory)
    pieces: dict[bytes, Chunk] = {}
    chunks, prints = chunked(view, prints_of(view), {}, pieces, copies)

    assert 0 < most <= 17 << 20
    assert prints == prints_of(view)
    assert len(chunks) == len(memory) // CHUNK_SIZE


def test_streams_are_told_apart_by_all_their_bytes() -> None:
    data = os.urandom(300_000)

    assert prints_of(memoryview(data)) == (xxh3_128_digest(data),)


def test_what_changed_as_a_whole_is_copied_while_it_is_hashed() -> None:
    """Memory that a cell updates as a whole, again and again, is then read once for both."""
    memory = bytearray(os.urandom(32 * CHUNK_SIZE))
    view = memoryview(memory)
    copies = Copies()
    copies.prints_of(view, 4096)
    for at in range(0, len(memory), CHUNK_SIZE):
        memory[at] ^= 1
    copies.begin()
    prints = copies.prints_of(view, 4096)
    ahead = [copies.made_ahead(each) for each in prints]
    chunks, taken = chunked(view, prints, {}, {}, copies)

    assert prints == taken == prints_of(view)
    assert [chunk is not None for chunk in ahead] == [False] * 8 + [True] * 24
    assert chunks[8:] == ahead[8:]
    assert b"".join(bytes(chunk.data or b"") for chunk in chunks) == memory


def test_a_change_here_and_there_copies_only_itself() -> None:
    memory = bytearray(os.urandom(32 * CHUNK_SIZE))
    view = memoryview(memory)
    copies = Copies()
    copies.prints_of(view, 4096)
    memory[5 * CHUNK_SIZE] ^= 1
    copies.begin()

    assert all(copies.made_ahead(each) is None for each in copies.prints_of(view, 4096))
