/** The history that the panel shows: the runs of one notebook, its steps, and the filter. */

import type { IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';

import type { INotebookSummary, INow, RuntrackApi } from '../api';
import type { IRun, IStep, Scalar } from '../records';
import { lastValues } from './format';
import { rowsOf, type Row } from './rows';
import type { NotebookRecord } from './notebookrecord';
import { matches, words } from './search';

export type LoadState = 'loading' | 'ready' | 'error';

/** The first page is shown while the others are read, in as few requests as the server allows. */
const FIRST_PAGE = 200;
const PAGE = 1000;
/** How many runs above one are asked for the value that a metric had. */
const LOOK_BACK = 20;
/** How many step lists a search reads at a time. */
const READERS = 4;

/** Runs of the notebook in front; without one, the notebooks that have runs. */
export class HistoryModel implements IDisposable {
  constructor(private readonly _api: RuntrackApi) {}

  readonly changed: ISignal<this, void> = new Signal<this, void>(this);

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  get record(): NotebookRecord | null {
    return this._record;
  }

  /** Show another notebook, or none. */
  set record(record: NotebookRecord | null) {
    if (record === this._record) {
      return;
    }
    this._record?.changed.disconnect(this._emit, this);
    this._record?.runMade.disconnect(this._onRunMade, this);
    this._record?.runNumbered.disconnect(this._onRunMade, this);
    this._record = record;
    record?.changed.connect(this._emit, this);
    record?.runMade.connect(this._onRunMade, this);
    record?.runNumbered.connect(this._onRunMade, this);
    this._runs = [];
    this._now = null;
    this._query = '';
    this._state = 'loading';
    this._focus = null;
    this._expanded.clear();
    this._stale = true;
    this._emit();
    this._freshen();
  }

  /** A hidden panel does no work: what happens meanwhile is read when it is shown. */
  get isActive(): boolean {
    return this._isActive;
  }
  set isActive(active: boolean) {
    this._isActive = active;
    this._freshen();
  }

  get state(): LoadState {
    return this._state;
  }

  get error(): string {
    return this._error;
  }

  get runs(): readonly IRun[] {
    return this._runs;
  }

  get notebooks(): readonly INotebookSummary[] {
    return this._notebooks;
  }

  get query(): string {
    return this._query;
  }
  set query(query: string) {
    this._query = query;
    this._emit();
    if (query.trim() !== '') {
      void this._readStepsForSearch();
    }
  }

  /** The runs that answer the query. */
  get shown(): readonly IRun[] {
    const query = words(this._query);
    return this._runs.filter(run => matches(query, run, this._steps.get(run.run_id)));
  }

  /** Steps since the last run: from the kernel where it talks to us, else as the server has them. */
  get stepsNow(): readonly IStep[] {
    if (this._record !== null && this._record.recording === 'on') {
      return this._record.steps;
    }
    return this._now?.steps ?? [];
  }

  /** The run that Now came from: null for none, undefined where no kernel can tell. */
  get head(): string | null | undefined {
    if (this._record?.recording === 'on') {
      return this._record.position.head_run;
    }
    return this._now?.position?.head_run;
  }

  get isNowExpanded(): boolean {
    return !this._expanded.has('now-closed');
  }

  /** The rows of the list; made again when something changed, not when the list is scrolled. */
  get rows(): readonly Row[] {
    this._rows ??= this._makeRows();
    return this._rows;
  }

  /** The row that has the one tab stop of the list. */
  get focus(): string | null {
    return this._focus;
  }
  set focus(key: string | null) {
    this._focus = key;
    (this.changed as Signal<this, void>).emit();
  }

  /** The run whose message is being edited in its row. */
  get renaming(): string | null {
    return this._renaming;
  }
  set renaming(id: string | null) {
    this._renaming = id;
    this._emit();
  }

  /** Take over a run as it is called now. */
  take(run: IRun): void {
    this._runs = this._runs.map(known => (known.run_id === run.run_id ? run : known));
    this._emit();
  }

  run(id: string): IRun | null {
    return this._byId.get(id) ?? null;
  }

  /** What a metric was before `run`: in the nearest run above that has it. */
  before(run: IRun, metric: string): Scalar | undefined {
    let parent = this.run(run.parent_runs?.[0] ?? '');
    for (let i = 0; parent !== null && i < LOOK_BACK; i++) {
      const entry = lastValues(parent.metrics).get(metric);
      if (entry !== undefined) {
        return entry.value;
      }
      parent = this.run(parent.parent_runs?.[0] ?? '');
    }
    return undefined;
  }

  /** Open or close a run (or Now), reading its steps at the first opening. */
  toggle(id: string, open = !this._expanded.has(id)): void {
    if (open) {
      this._expanded.add(id);
      void this._readSteps(id);
    } else {
      this._expanded.delete(id);
    }
    this._emit();
  }

  toggleNow(open = !this.isNowExpanded): void {
    if (open) {
      this._expanded.delete('now-closed');
    } else {
      this._expanded.add('now-closed');
    }
    this._emit();
  }

  isExpanded(id: string): boolean {
    return this._expanded.has(id);
  }

  /** Something changed on disk; read it now, or when the panel is shown. */
  invalidate(): void {
    this._stale = true;
    this._freshen();
  }

  /** Read again; the list that is known stays readable when that fails. */
  async refresh(): Promise<void> {
    this._stale = false;
    const record = this._record;
    try {
      if (record === null) {
        const notebooks = await this._api.notebooks();
        this._settle(record, () => {
          this._notebooks = notebooks;
        });
        return;
      }
      const [runs, now] = await Promise.all([this._readRuns(record), this._api.now(record.path)]);
      this._settle(record, () => {
        this._runs = runs;
        this._now = now;
        record.learn(now.steps);
      });
    } catch (error) {
      if (!this._isDisposed && record === this._record) {
        this._state = 'error';
        this._error = (error as Error).message;
        this._emit();
      }
    }
  }

  dispose(): void {
    this._isDisposed = true;
    this._record = null;
    Signal.clearData(this);
  }

  private _makeRows(): readonly Row[] {
    const record = this._record;
    const steps = this.stepsNow;
    const recording = record?.recording === 'on';
    return rowsOf({
      runs: this._runs,
      shown: this.shown,
      head: this.head,
      now:
        record === null || this._query !== ''
          ? null
          : {
              steps,
              gaps: record.problems,
              hasActions: recording || record.recording === 'no-kernel',
              expanded: this.isNowExpanded
            },
      expanded: this._expanded,
      steps: this._steps
    });
  }

  private _settle(record: NotebookRecord | null, take: () => void): void {
    if (this._isDisposed || record !== this._record) {
      return; // another notebook came to the front while the server was answering
    }
    take();
    this._state = 'ready';
    this._error = '';
    this._emit();
  }

  private async _readRuns(record: NotebookRecord): Promise<readonly IRun[]> {
    const notebook_id = await record.identity();
    if (notebook_id === null) {
      return []; // new, whatever was once at its path
    }
    const runs: IRun[] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<RuntrackApi['runs']>> = await this._api.runs({
        path: record.path,
        notebook_id,
        cursor,
        limit: cursor === null ? FIRST_PAGE : PAGE
      });
      runs.push(...page.runs);
      cursor = page.cursor;
      if (this._runs.length === 0 && cursor !== null) {
        this._settle(record, () => {
          this._runs = [...runs];
        });
      }
    } while (cursor !== null && record === this._record);
    return runs;
  }

  private async _readSteps(id: string): Promise<void> {
    if (this._steps.has(id)) {
      return;
    }
    try {
      const steps = await this._api.steps(id);
      this._steps.set(id, steps);
    } catch (error) {
      this._error = (error as Error).message;
    }
    this._emit();
  }

  private async _readStepsForSearch(): Promise<void> {
    if (this._isSearching) {
      return;
    }
    this._isSearching = true;
    const queue = this._runs.filter(run => !this._steps.has(run.run_id));
    const read = async (): Promise<void> => {
      for (let run = queue.shift(); run && this._query !== ''; run = queue.shift()) {
        await this._readSteps(run.run_id);
      }
    };
    await Promise.all(Array.from({ length: READERS }, read));
    this._isSearching = false;
  }

  private _freshen(): void {
    if (!this._isActive || !this._stale || this._isDisposed) {
      return;
    }
    if (this._refreshing) {
      return; // what came in between is read when the answer is there
    }
    this._refreshing = true;
    void this.refresh().finally(() => {
      this._refreshing = false;
      this._freshen();
    });
  }

  private _onRunMade(_: NotebookRecord, run: IRun): void {
    const others = this._runs.filter(known => known.run_id !== run.run_id);
    const known = this.run(run.run_id);
    this._runs =
      known === null
        ? [run, ...others]
        : this._runs.map(each => (each.run_id === run.run_id ? { ...known, ...run } : each));
    this._emit();
    this.invalidate();
  }

  private _emit(): void {
    this._rows = null;
    if (!this._isDisposed) {
      (this.changed as Signal<this, void>).emit();
    }
  }

  private get _byId(): ReadonlyMap<string, IRun> {
    if (this._index.runs !== this._runs) {
      this._index = { runs: this._runs, byId: new Map(this._runs.map(run => [run.run_id, run])) };
    }
    return this._index.byId;
  }

  private _error = '';
  private readonly _expanded = new Set<string>();
  private _focus: string | null = null;
  private _index: { runs: readonly IRun[]; byId: ReadonlyMap<string, IRun> } = {
    runs: [],
    byId: new Map()
  };
  private _isActive = false;
  private _isDisposed = false;
  private _isSearching = false;
  private _notebooks: readonly INotebookSummary[] = [];
  private _now: INow | null = null;
  private _query = '';
  private _record: NotebookRecord | null = null;
  private _refreshing = false;
  private _renaming: string | null = null;
  private _rows: readonly Row[] | null = null;
  private _runs: readonly IRun[] = [];
  private _stale = true;
  private _state: LoadState = 'loading';
  private readonly _steps = new Map<string, readonly IStep[]>();
}
