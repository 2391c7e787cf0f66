/**
 * Puts a document into an open notebook through its shared model: one undoable change that
 * collaborators see as it happens, never a file written behind an open notebook.
 */

import type * as nbformat from '@jupyterlab/nbformat';
import type { INotebookModel } from '@jupyterlab/notebook';
import type { ISharedCell, ISharedCodeCell, SharedCell } from '@jupyter/ydoc';
import { JSONExt, type JSONObject } from '@lumino/coreutils';

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

/**
 * Whether a cell shows what the document wants.
 *
 * One that does not is replaced rather than changed: a cell model merges a stream that comes into
 * the one that goes, and marks every source that was set as edited.
 */
function isSame(cell: ISharedCell, wanted: nbformat.ICell): boolean {
  if (cell.getSource() !== textOf(wanted.source)) {
    return false;
  }
  const now = cell.toJSON();
  return JSONExt.deepEqual(
    { outputs: now.outputs ?? [], attachments: now.attachments ?? {} } as JSONObject,
    { outputs: wanted.outputs ?? [], attachments: wanted.attachments ?? {} } as JSONObject
  );
}

/** What is left to set of a cell that shows the right thing. */
function update(cell: ISharedCell, wanted: nbformat.ICell, isTrusted: boolean): void {
  cell.setMetadata(metadataOf(wanted, isTrusted));
  if (cell.cell_type === 'code') {
    (cell as ISharedCodeCell).execution_count = (wanted as nbformat.ICodeCell).execution_count;
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
 * Cells that stay as they are keep their identity, the notebook keeps its trust and its Runtrack metadata. A cell
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
    const put = (index: number, cell: nbformat.ICell): void => {
      const own = { ...cell, metadata: metadataOf(cell, isTrusted(cell)) };
      shared.insertCell(index, own as unknown as SharedCell.Cell);
    };
    const set = (index: number, cell: nbformat.ICell): void => {
      if (isSame(shared.cells[index], cell)) {
        update(shared.cells[index], cell, isTrusted(cell));
      } else {
        shared.deleteCell(index);
        put(index, cell);
      }
    };
    const old = shared.cells.length;
    for (let i = 1; i <= tail; i++) {
      set(old - i, cells[cells.length - i]);
    }
    shared.deleteCellRange(head, old - tail);
    cells.slice(head, cells.length - tail).forEach((cell, i) => put(head + i, cell));
    for (let i = 0; i < head; i++) {
      set(i, cells[i]);
    }
  });
}
