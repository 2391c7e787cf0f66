"""Every moment has a document that is a valid notebook."""

from hashlib import sha256
from typing import Any

import nbformat
from hypothesis import given, settings
from hypothesis import strategies as st

from runtrack_jupyter.lineage.documents import document_of
from runtrack_jupyter.model import CellEntry, Digest, Step, StepId
from runtrack_jupyter.store.frames import Cells
from tests.lineage.records import step

SHOWN = {"output_type": "stream", "name": "stdout", "text": "shown\n"}


def digest(source: str) -> Digest:
    return Digest(sha256(source.encode()).hexdigest())


def told(*cells: tuple[str, str, str], step_id: str | None = None, known: bool = True) -> Cells:
    return Cells(
        step_id=None if step_id is None else StepId(step_id),
        cells=tuple(
            CellEntry(cell_id=id_, cell_type=kind, digest=digest(source)) for id_, kind, source in cells
        ),
        sources={digest(source): source for _, _, source in cells} if known else {},
        metadata={"kernelspec": {"name": "mine", "display_name": "Mine"}},
    )


def sources(document: dict[str, Any]) -> list[str]:
    return [cell["source"] for cell in document["cells"]]


def valid(document: dict[str, Any]) -> dict[str, Any]:
    nbformat.validate(document)
    return document


def test_steps_alone_make_one_cell_per_cell_id_with_its_last_execution() -> None:
    document = valid(
        document_of(
            [
                step(1, "a = 1", cell_id="one"),
                step(2, "b", cell_id="two", outputs=(SHOWN,)),
                step(3, "a = 2", cell_id="one"),
            ]
        )
    )

    assert sources(document) == ["a = 2", "b"]
    assert document["cells"][1]["outputs"] == [SHOWN]
    assert [cell["execution_count"] for cell in document["cells"]] == [3, 2]


def test_steps_without_cell_ids_are_cells_each_even_with_the_same_source() -> None:
    """Under nbclient there are no ids, and a notebook may show the same plot twice."""
    document = valid(document_of([step(1, "plt.show()"), step(2, "x"), step(3, "plt.show()")]))

    assert sources(document) == ["plt.show()", "x", "plt.show()"]


def test_the_told_cells_decide_what_there_is_and_in_which_order() -> None:
    """Markdown, unsaved edits and cells that were never run are there, a deleted cell is not."""
    cells = told(
        ("md", "markdown", "# Title"), ("b", "code", "b = 2  # edited since"), ("a", "code", "a"), ("n", "code", "new"), step_id="s3"
    )  # fmt: skip
    steps = [
        step(1, "a", cell_id="a"),
        step(2, "b = 2", cell_id="b", outputs=(SHOWN,)),
        step(3, "gone", cell_id="gone"),
    ]

    document = valid(document_of(steps, cells))

    assert sources(document) == ["# Title", "b = 2  # edited since", "a", "new"]
    assert document["cells"][1]["outputs"] == [SHOWN]
    assert document["metadata"]["kernelspec"]["name"] == "mine"


def test_a_step_after_the_cells_were_told_brings_its_own_source() -> None:
    document = valid(
        document_of(
            [step(1, "old", cell_id="a"), step(2, "new", cell_id="a")],
            told(("a", "code", "old"), step_id="s1"),
        )
    )

    assert sources(document) == ["new"]


def test_a_source_that_was_never_told_comes_from_the_step_that_ran_it() -> None:
    cells = told(("a", "code", "whatever"), ("m", "markdown", "text"), step_id="s1", known=False)

    document = valid(document_of([step(1, "ran", cell_id="a")], cells))

    assert sources(document) == ["ran", ""]


def test_a_file_lends_what_no_step_knows() -> None:
    """Attachments, metadata, and the outputs of cells that were not executed in this session."""
    file = nbformat.v4.new_notebook(
        metadata={"mine": 1},
        cells=[
            {**nbformat.v4.new_markdown_cell("![](attachment:a.png)", id="m"), "attachments": {"a.png": {"image/png": "aa"}}},
            nbformat.v4.new_code_cell("old", id="a", outputs=[nbformat.v4.new_output("stream", text="old\n")], metadata={"tags": ["t"]}),
            nbformat.v4.new_code_cell("idle", id="i", outputs=[nbformat.v4.new_output("stream", text="kept\n")]),
        ],
    )  # fmt: skip
    steps = [step(1, "ran", cell_id="a", outputs=(SHOWN,)), step(2, "unsaved", cell_id="u")]

    alone = valid(document_of(steps, None, file))
    with_cells = valid(
        document_of(steps, told(("i", "code", "idle"), ("a", "code", "ran"), ("m", "markdown", "text")), file)
    )

    assert sources(alone) == ["![](attachment:a.png)", "ran", "idle", "unsaved"]
    assert alone["metadata"] == {"mine": 1}
    for document, at in ((alone, (0, 1, 2)), (with_cells, (2, 1, 0))):
        text, ran, idle = (document["cells"][i] for i in at)
        assert text["attachments"] == {"a.png": {"image/png": "aa"}}
        assert ran["metadata"] == {"tags": ["t"]}
        assert ran["outputs"] == [SHOWN]
        assert idle["outputs"][0]["text"] == "kept\n"
    assert file["cells"][1]["source"] == "old"  # what is built upon stays as it was


def test_steps_whose_ids_are_not_the_file_s_are_found_by_their_source() -> None:
    """VS Code has ids of its own, older front ends have none."""
    file = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(s) for s in ("a", "b")])
    steps = [step(1, "b", outputs=(SHOWN,)), step(2, "a", cell_id="vscode-notebook-cell:/x#0")]

    document = valid(document_of(steps, None, file))

    assert sources(document) == ["a", "b"]
    assert document["cells"][1]["outputs"] == [SHOWN]


def test_steps_after_a_reconstructed_run_are_put_after_it() -> None:
    """Building upon the document of the run before must give what building from all steps gives."""
    steps = [step(1, "plt.show()"), step(2, "x"), step(3, "plt.show()")]

    upon = document_of(steps[1:], None, document_of(steps[:1]))

    assert upon == valid(document_of(steps))


def test_old_minors_get_ids_and_other_majors_are_not_built_upon() -> None:
    old = {"nbformat": 4, "nbformat_minor": 2, "metadata": {}, "cells": [{"cell_type": "code", "metadata": {}, "source": ["a\n", "b"], "outputs": [], "execution_count": None}] * 2}  # fmt: skip
    ancient = {"nbformat": 3, "worksheets": []}

    assert len({cell["id"] for cell in valid(document_of([], None, old))["cells"]}) == 2
    assert sources(valid(document_of([step(1, "a")], None, ancient))) == ["a"]


def test_outputs_have_the_keys_the_format_asks_for_and_no_others() -> None:
    outputs = (
        {"output_type": "execute_result", "data": {"text/plain": "1"}, "transient": {}},
        {"output_type": "error", "ename": "E"},
        {"output_type": "update_display_data", "data": {}},
    )

    document = valid(document_of([step(1, outputs=outputs)]))

    assert [output["output_type"] for output in document["cells"][0]["outputs"]] == [
        "execute_result",
        "error",
    ]
    assert document["cells"][0]["outputs"][0]["execution_count"] == 1


CELL_IDS = st.sampled_from(["a", "b", "not valid!", "", "x" * 70]) | st.none()
STEPS = st.lists(st.tuples(CELL_IDS, st.sampled_from(["a", "b", "c"])), max_size=8)


@settings(max_examples=60, deadline=None)
@given(
    steps=STEPS,
    entries=st.lists(st.tuples(CELL_IDS, st.sampled_from(["code", "markdown", "raw", "odd"])), max_size=5),
)
def test_whatever_was_executed_the_document_is_valid(
    steps: list[tuple[str | None, str]], entries: list[tuple[str | None, str]]
) -> None:
    made: list[Step] = [step(i, source, cell_id=id_) for i, (id_, source) in enumerate(steps)]
    cells = told(*((id_ or "", kind, "s") for id_, kind in entries), step_id="s1")

    first = valid(document_of(made))
    valid(document_of(made, cells))
    again = valid(document_of(made, cells, first))

    assert again == document_of(made, cells, first)
