/** The history that the panel shows: the runs of one notebook or of all, its steps, and the filter. */

import type { IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';

import type { INotebookSummary, INow, RuntrackApi } from '../api';
import type { IRun, IStep, Scalar } from '../records';
import { RunFilter } from './filter';
import { FoundRuns, type IWhere } from './found';
import { rowsOf, type Row } from './rows';
import type { NotebookRecord } from './notebookrecord';
import { RunIndex } from './runindex';
import { readRuns } from './runlist';
import { StepReader } from './stepreader';

export type LoadState = 'loading' | 'ready' | 'error';
export type Scope = 'notebook' | 'all';

/** Runs of the notebook in front; of all notebooks, those that are searched for. */
export class HistoryModel implements IDisposable {
  constructor(private readonly _api: RuntrackApi) {
    this._found = new FoundRuns(_api, () => this._emit());
    this.filter = new RunFilter(this._found, () => this._onFilter());
    this.steps = new StepReader(_api, () => this._emit());
  }

  /** What the list is narrowed to. */
  readonly filter: RunFilter;

  /** The steps of runs that were opened. */
  readonly steps: StepReader;

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
    this._now = null;
    if (this._wantsAll && record !== null) {
      this._emit();
      return; // all notebooks stay all notebooks, whichever is in front
    }
    this._begin();
  }

  /** All notebooks, or the one in front; without one, all. */
  get scope(): Scope {
    return this._wantsAll || this._record === null ? 'all' : 'notebook';
  }
  set scope(scope: Scope) {
    this._wantsAll = scope === 'all';
    this._begin();
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

  /** The runs that the filter leaves. */
  get shown(): readonly IRun[] {
    this._shown ??= this.filter.apply(this._runs, this.head);
    return this._shown;
  }

  /** The notebook of a run, where the list has runs of several. */
  notebookOf(run: IRun): INotebookSummary | null {
    return this._notebooks.find(notebook => notebook.notebook_id === run.notebook_id) ?? null;
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
    if (this.scope === 'all') {
      return undefined;
    }
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
    return this._byId.get(id);
  }

  /** What a metric was before `run`: in the nearest run above that has it. */
  before(run: IRun, metric: string): Scalar | undefined {
    return this._byId.before(run, metric);
  }

  /** Open or close a run (or Now), reading its steps at the first opening. */
  toggle(id: string, open = !this._expanded.has(id)): void {
    if (open) {
      this._expanded.add(id);
      if (this.run(id) !== null) {
        void this.steps.read(id);
      }
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

  /** Something changed on disk; read it now, or when the panel is shown. Steps alone are few. */
  invalidate(what: 'all' | 'steps' = 'all'): void {
    this._stale = what === 'all' ? 'all' : (this._stale ?? 'steps');
    this._freshen();
  }

  /** Read again; the list that is known stays readable when that fails. */
  async refresh(): Promise<void> {
    const what = this._stale;
    this._stale = null;
    const turn = this._turn;
    try {
      if (this.scope === 'all') {
        await this._readAll(turn);
      } else if (this._record !== null) {
        await this._readNotebook(this._record, turn, what === 'steps');
      }
    } catch (error) {
      if (!this._isDisposed && turn === this._turn) {
        this._state = 'error';
        this._error = (error as Error).message;
        this._emit();
      }
    }
  }

  dispose(): void {
    this._isDisposed = true;
    this._found.dispose();
    this._record = null;
    Signal.clearData(this);
  }

  private _makeRows(): readonly Row[] {
    const record = this._record;
    const recording = record?.recording === 'on';
    const hasNow = record !== null && this.scope === 'notebook' && !this.filter.isOn;
    return rowsOf({
      runs: this._runs,
      shown: this.shown,
      head: this.head,
      isPlain: this.scope === 'all' || this.filter.isOn,
      now: hasNow
        ? {
            steps: this.stepsNow,
            gaps: record.problems,
            hasActions: recording || record.recording === 'no-kernel',
            expanded: this.isNowExpanded
          }
        : null,
      expanded: this._expanded,
      steps: this.steps.known
    });
  }

  /** Begin anew, with another notebook or scope. */
  private _begin(): void {
    this._turn++;
    this._runs = [];
    this._state = 'loading';
    this._focus = null;
    this._renaming = null;
    this._expanded.clear();
    this.filter.clear();
    this.invalidate();
    this._emit();
  }

  private _onFilter(): void {
    if (this.scope === 'all' && this.filter.isOn && this._runs.length === 0) {
      this.invalidate(); // the runs of all notebooks are read when somebody looks for some
    }
    this._emit();
  }

  private _settle(turn: number, take: () => void): void {
    if (this._isDisposed || turn !== this._turn) {
      return; // another notebook came to the front while the server was answering
    }
    take();
    this._state = 'ready';
    this._error = '';
    this._emit();
  }

  private async _readAll(turn: number): Promise<void> {
    const notebooks = await this._api.notebooks();
    const runs = this.filter.isOn ? await this._readRuns({}, turn) : [];
    this._settle(turn, () => {
      this._notebooks = notebooks;
      this._take(runs, {});
    });
  }

  private async _readNotebook(
    record: NotebookRecord,
    turn: number,
    stepsOnly: boolean
  ): Promise<void> {
    const readNow = this._api.now(record.path);
    if (stepsOnly) {
      const now = await readNow;
      this._settle(turn, () => this._takeNow(record, now));
      return;
    }
    const notebook_id = await record.identity();
    const where = { path: record.path, notebook_id };
    // A new notebook has none, whatever was once at its path.
    const reading = notebook_id === null ? [] : this._readRuns(where, turn);
    const [runs, now] = await Promise.all([reading, readNow]);
    this._settle(turn, () => {
      this._take(runs, where);
      this._takeNow(record, now);
    });
  }

  private _readRuns(where: IWhere, turn: number): Promise<readonly IRun[]> {
    const onFirst = (runs: readonly IRun[]): void => {
      if (this._runs.length === 0) {
        this._settle(turn, () => {
          this._runs = runs;
        });
      }
    };
    return readRuns(this._api, where, onFirst, () => turn === this._turn);
  }

  private _take(runs: readonly IRun[], where: IWhere): void {
    this._runs = runs;
    this._found.reset(where);
    this.filter.renew();
  }

  private _takeNow(record: NotebookRecord, now: INow): void {
    this._now = now;
    record.learn(now.steps);
  }

  private _freshen(): void {
    if (!this._isActive || this._stale === null || this._isDisposed) {
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
    if (this.scope === 'all') {
      this.invalidate();
      return;
    }
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
    this._shown = null;
    if (!this._isDisposed) {
      (this.changed as Signal<this, void>).emit();
    }
  }

  private get _byId(): RunIndex {
    if (this._index.runs !== this._runs) {
      this._index = new RunIndex(this._runs);
    }
    return this._index;
  }

  private _error = '';
  private readonly _expanded = new Set<string>();
  private _focus: string | null = null;
  private readonly _found: FoundRuns;
  private _index = new RunIndex([]);
  private _isActive = false;
  private _isDisposed = false;
  private _notebooks: readonly INotebookSummary[] = [];
  private _now: INow | null = null;
  private _record: NotebookRecord | null = null;
  private _refreshing = false;
  private _renaming: string | null = null;
  private _rows: readonly Row[] | null = null;
  private _runs: readonly IRun[] = [];
  private _shown: readonly IRun[] | null = null;
  private _stale: 'all' | 'steps' | null = 'all';
  private _state: LoadState = 'loading';
  private _turn = 0;
  private _wantsAll = false;
}
