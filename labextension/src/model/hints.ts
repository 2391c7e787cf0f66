/**
 * What a notebook cannot show by itself: cells that were edited since they ran, whose input changed
 * after they ran, or that ran after cells below them. Facts only; nothing blocks running.
 */

import type { ICellRan, ILastRuns, INameSet } from '../api';
import type { IStep } from '../records';

/** A code cell as it stands in the document now. */
export interface ICellNow {
  readonly cell_id: string;
  readonly source: string;
}

interface IAbout {
  readonly cell: ICellRan;
  /** This cell and those below that rest on it, in document order. */
  readonly below: readonly string[];
}

export type Hint = IAbout &
  (
    | { readonly kind: 'edited' }
    | { readonly kind: 'stale'; readonly name: string; readonly by: INameSet }
    | { readonly kind: 'hidden'; readonly name: string; readonly by: INameSet }
    | { readonly kind: 'order'; readonly next: ICellRan }
  );

/** The last runs, kept up to date with the steps as the kernel tells of them. */
export class LastRuns {
  constructor(read: ILastRuns) {
    this._order = read.order;
    this._steps = new Map();
    for (const cell of read.cells) {
      this.cells.set(cell.cell_id, cell);
      this._steps.set(cell.step_id, cell.order);
    }
    read.names.forEach(name => this._keep(name));
  }

  readonly cells = new Map<string, ICellRan>();
  /** Name to cell to its last change of that name. */
  readonly names = new Map<string, Map<string, INameSet>>();

  /** Take in a step that has ended; what it changed comes with `captured`. */
  ran(step: IStep): void {
    const cell_id = step.cell_id ?? '';
    const known = this._steps.get(step.step_id);
    const order = known ?? ++this._order;
    this._steps.set(step.step_id, order);
    const changed = [...(step.changed ?? []), ...(step.deleted ?? [])];
    const execution_count = step.execution_count ?? null;
    if (cell_id !== '') {
      const { step_id, source } = step;
      const read = step.names?.read ?? [];
      this.cells.set(cell_id, { cell_id, step_id, execution_count, order, source, read, changed });
    }
    changed.forEach(name => this._keep({ name, cell_id, execution_count, order }));
  }

  private _keep(set: INameSet): void {
    const cells = this.names.get(set.name) ?? new Map<string, INameSet>();
    cells.set(set.cell_id, set);
    this.names.set(set.name, cells);
  }

  private _order: number;
  private readonly _steps: Map<string, number>;
}

/** The change of something that a cell read, made since by a cell above it or by none that is there. */
function staleBy(
  cell: ICellRan,
  index: number,
  places: ReadonlyMap<string, number>,
  runs: LastRuns
): INameSet | null {
  let latest: INameSet | null = null;
  for (const name of cell.read) {
    for (const by of runs.names.get(name)?.values() ?? []) {
      // What a cell below made of a value is no input of this one.
      const isInput = (places.get(by.cell_id) ?? -1) < index && by.cell_id !== cell.cell_id;
      if (isInput && by.order > cell.order && (latest === null || by.order > latest.order)) {
        latest = by;
      }
    }
  }
  return latest;
}

/** A value that a cell read and that no cell of the document gives any more. */
function hiddenBy(
  cell: ICellRan,
  places: ReadonlyMap<string, number>,
  runs: LastRuns
): INameSet | null {
  for (const name of cell.read) {
    const setters = [...(runs.names.get(name)?.values() ?? [])];
    const isGone = setters.length > 0 && setters.every(by => !places.has(by.cell_id));
    const by = setters.sort((a, b) => b.order - a.order)[0];
    if (isGone && by.cell_id !== '') {
      return by;
    }
  }
  return null;
}

/** A cell and the cells below that read what it, or one of them, changes. */
function dependents(cells: readonly ICellNow[], start: number, runs: LastRuns): readonly string[] {
  const touched = new Set(runs.cells.get(cells[start].cell_id)?.changed ?? []);
  const found = [cells[start].cell_id];
  for (const { cell_id } of cells.slice(start + 1)) {
    const ran = runs.cells.get(cell_id);
    if (ran?.read.some(name => touched.has(name))) {
      found.push(cell_id);
      ran.changed.forEach(name => touched.add(name));
    }
  }
  return found;
}

function hintOf(
  cells: readonly ICellNow[],
  index: number,
  places: ReadonlyMap<string, number>,
  runs: LastRuns
): Hint | null {
  const now = cells[index];
  const cell = runs.cells.get(now.cell_id);
  if (cell === undefined) {
    return null;
  }
  const about = (): IAbout => ({ cell, below: dependents(cells, index, runs) });
  if (cell.source.trim() !== now.source.trim()) {
    return { kind: 'edited', ...about() };
  }
  const stale = staleBy(cell, index, places, runs);
  if (stale !== null) {
    return { kind: 'stale', name: stale.name, by: stale, ...about() };
  }
  const hidden = hiddenBy(cell, places, runs);
  if (hidden !== null) {
    return { kind: 'hidden', name: hidden.name, by: hidden, ...about() };
  }
  const below = cells.slice(index + 1).find(each => runs.cells.has(each.cell_id));
  const next = below && runs.cells.get(below.cell_id);
  return next && next.order < cell.order ? { kind: 'order', next, ...about() } : null;
}

/** One hint per cell at most, the most telling; `cells` are the code cells in document order. */
export function hintsOf(cells: readonly ICellNow[], runs: LastRuns): ReadonlyMap<string, Hint> {
  const places = new Map(cells.map((cell, index) => [cell.cell_id, index]));
  const hints = new Map<string, Hint>();
  cells.forEach((cell, index) => {
    const hint = hintOf(cells, index, places, runs);
    if (hint !== null) {
      hints.set(cell.cell_id, hint);
    }
  });
  return hints;
}
