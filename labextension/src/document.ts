/**
 * Puts a document into an open notebook through its shared model: one undoable change that
 * collaborators see as it happens, never a file written behind an open notebook.
 */

import type * as nbformat from '@jupyterlab/nbformat';
import type { INotebookModel } from '@jupyterlab/notebook';
import type { ISharedCell, ISharedCodeCell, ISharedMarkdownCell, SharedCell } from '@jupyter/ydoc';

/** Cells at the beginning and at the end that are the same cells before and after. */
function sharedEnds(
  old: readonly ISharedCell[],
  cells: readonly nbformat.ICell[]
): { head: number; tail: number } {
  const same = (a: ISharedCell, b: nbformat.ICell): boolean =>
    a.getId() === b.id && a.cell_type === b.cell_type;
  const most = Math.min(old.length, cells.length);
  let head = 0;
  while (head < most && same(old[head], cells[head])) {
    head++;
  }
  let tail = 0;
  while (tail < most - head && same(old[old.length - 1 - tail], cells[cells.length - 1 - tail])) {
    tail++;
  }
  return { head, tail };
}

function textOf(source: nbformat.MultilineString): string {
  return Array.isArray(source) ? source.join('') : source;
}

/** Make a cell that stays say what the document says. */
function update(cell: ISharedCell, wanted: nbformat.ICell, isTrusted: boolean): void {
  const source = textOf(wanted.source);
  if (cell.getSource() !== source) {
    cell.setSource(source);
  }
  cell.setMetadata(metadataOf(wanted, isTrusted));
  if (cell.cell_type === 'code') {
    updateCode(cell as ISharedCodeCell, wanted as nbformat.ICodeCell);
  } else {
    const { attachments } = wanted as nbformat.IMarkdownCell;
    (cell as ISharedMarkdownCell).setAttachments(attachments);
  }
}

function updateCode(cell: ISharedCodeCell, wanted: nbformat.ICodeCell): void {
  cell.execution_count = wanted.execution_count;
  if (JSON.stringify(cell.outputs) !== JSON.stringify(wanted.outputs)) {
    cell.setOutputs(wanted.outputs);
  }
}

function metadataOf(cell: nbformat.ICell, isTrusted: boolean): nbformat.IBaseCellMetadata {
  const metadata = { ...cell.metadata } as Partial<nbformat.IBaseCellMetadata>;
  delete metadata.trusted;
  const keep = isTrusted && cell.cell_type === 'code' ? { trusted: true } : {};
  return { ...metadata, ...keep } as nbformat.IBaseCellMetadata;
}

/** Ids of the cells whose outputs are trusted now; null when all of them are. */
function trustedCells(model: INotebookModel): ReadonlySet<string> | null {
  const code = Array.from(model.cells).filter(cell => cell.type === 'code');
  const trusted = code.filter(cell => cell.trusted).map(cell => cell.id);
  return trusted.length === code.length ? null : new Set(trusted);
}

/**
 * Replace what the notebook shows by `document`, as one step of its undo history.
 *
 * Cells that stay keep their identity, the notebook keeps its trust and its Runtrack metadata. A cell
 * that nobody trusted before is not trusted after.
 */
export function applyDocument(model: INotebookModel, document: nbformat.INotebookContent): void {
  const shared = model.sharedModel;
  const trusted = trustedCells(model);
  const isTrusted = (cell: nbformat.ICell): boolean =>
    trusted === null || trusted.has(String(cell.id));
  const { cells } = document;
  const { head, tail } = sharedEnds(shared.cells, cells);
  shared.transact(() => {
    const own = shared.getMetadata('runtrack');
    const metadata = { ...document.metadata, ...(own === undefined ? {} : { runtrack: own }) };
    shared.metadata = metadata as nbformat.INotebookMetadata;
    const old = shared.cells.length;
    for (let i = 0; i < head; i++) {
      update(shared.cells[i], cells[i], isTrusted(cells[i]));
    }
    for (let i = 1; i <= tail; i++) {
      const wanted = cells[cells.length - i];
      update(shared.cells[old - i], wanted, isTrusted(wanted));
    }
    const middle = cells.slice(head, cells.length - tail).map(cell => ({
      ...cell,
      metadata: metadataOf(cell, isTrusted(cell))
    }));
    if (old - tail > head) {
      shared.deleteCellRange(head, old - tail);
    }
    if (middle.length > 0) {
      shared.insertCells(head, middle as unknown as SharedCell.Cell[]);
    }
  });
}
