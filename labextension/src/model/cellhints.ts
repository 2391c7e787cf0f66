/** The hints of one open notebook, from what its kernel ran and what its document says now. */

import type { IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';

import type { RuntrackApi } from '../api';
import type { IStep } from '../records';
import { hintsOf, LastRuns, type Hint, type ICellNow } from './hints';
import type { NotebookRecord } from './notebookrecord';

export class CellHints implements IDisposable {
  constructor(
    readonly record: NotebookRecord,
    private readonly _api: RuntrackApi
  ) {
    record.changed.connect(this._onRecord, this);
  }

  /** Other cells ran, or the state went back. */
  readonly changed: ISignal<this, void> = new Signal<this, void>(this);

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** Nothing is read or computed while nobody looks. */
  get isActive(): boolean {
    return this._isActive;
  }
  set isActive(active: boolean) {
    this._isActive = active;
    if (active) {
      this._onRecord();
    }
  }

  /** The hints for these code cells, without those that the user ignores. */
  of(cells: readonly ICellNow[]): ReadonlyMap<string, Hint> {
    if (this._runs === null || this.record.recording !== 'on') {
      return new Map(); // another kernel holds other values
    }
    const all = hintsOf(cells, this._runs);
    return new Map([...all].filter(([, hint]) => !this._ignored.has(keyOf(hint))));
  }

  /** Leave this hint out until the cell runs again. */
  ignore(hint: Hint): void {
    this._ignored.add(keyOf(hint));
    this._emit();
  }

  dispose(): void {
    this._isDisposed = true;
    this.record.changed.disconnect(this._onRecord, this);
    Signal.clearData(this);
  }

  private _onRecord(): void {
    if (!this._isActive || this._isDisposed || this.record.recording !== 'on') {
      return;
    }
    let isNew = false;
    for (const step of this.record.steps) {
      if (step.status !== 'running' && this._seen.get(step.step_id) !== step) {
        this._seen.set(step.step_id, step);
        this._runs?.ran(step);
        this._head = step.step_id;
        isNew = true;
      }
    }
    if (this.record.running === null && this.record.position.head_step !== this._head) {
      void this._read(); // restored, undone, or not read yet
    } else if (isNew) {
      this._emit();
    }
  }

  private async _read(): Promise<void> {
    const head = this.record.position.head_step;
    this._head = head;
    try {
      const read = head === null ? EMPTY : await this._api.lastRuns(this.record.path);
      if (this._isDisposed || head !== this._head) {
        return; // a cell ran, or the state went elsewhere, while the server was answering
      }
      this._runs = new LastRuns(read);
    } catch {
      this._runs = null; // no server, no hints
    }
    this._emit();
  }

  private _emit(): void {
    (this.changed as Signal<this, void>).emit();
  }

  private _head: string | null | undefined = undefined;
  private readonly _ignored = new Set<string>();
  private _isActive = false;
  private _isDisposed = false;
  private _runs: LastRuns | null = null;
  private readonly _seen = new Map<string, IStep>();
}

const EMPTY = { cells: [], names: [], order: 0 };

function keyOf(hint: Hint): string {
  return `${hint.kind} ${hint.cell.step_id}`;
}
