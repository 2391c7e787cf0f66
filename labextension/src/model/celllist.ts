/** The cells of a document as the kernel is told about them. */

import type { ISharedNotebook } from '@jupyter/ydoc';

import { sha256 } from '../digest';
import type { ICellEntry } from '../kernel';

/** Lists cells; a source that was digested once is not digested again. */
export class CellList {
  list(shared: ISharedNotebook): {
    readonly cells: readonly ICellEntry[];
    readonly sources: ReadonlyMap<string, string>;
  } {
    const digests = new Map<string, string>();
    const sources = new Map<string, string>();
    const cells = shared.cells.map((cell): ICellEntry => {
      const source = cell.getSource();
      const digest = digests.get(source) ?? this._digests.get(source) ?? sha256(source);
      digests.set(source, digest);
      sources.set(digest, source);
      return { cell_id: cell.getId(), cell_type: String(cell.cell_type), digest };
    });
    this._digests = digests;
    return { cells, sources };
  }

  // Of the cells that are there now: sources that were edited away are not kept.
  private _digests: ReadonlyMap<string, string> = new Map();
}
