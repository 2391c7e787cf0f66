/** What Runtrack knows of one open notebook and its kernel: live, without a view. */

import type { ISessionContext } from '@jupyterlab/apputils';
import type { DocumentRegistry } from '@jupyterlab/docregistry';
import type * as nbformat from '@jupyterlab/nbformat';
import type { INotebookModel } from '@jupyterlab/notebook';
import type { Kernel } from '@jupyterlab/services';
import type { JSONObject } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';

import { RuntrackError, type RuntrackApi } from '../api';
import { ask, KernelLink, type IProgress, type ITrackingResult, type Notice } from '../kernel';
import type { IGap, INotebookMetadata, IPosition, IRun, IStep } from '../records';
import { ulid } from '../ulid';
import { CellList } from './celllist';
import { knownIdentity } from './identity';
import { LiveSteps } from './livesteps';
import { isNumbered, Numbers } from './numbers';

/** `absent`: this kernel has no Runtrack. `waiting`: no answer from the kernel yet. */
export type Recording = 'waiting' | 'on' | 'off' | 'absent' | 'no-kernel';

export type DocumentAsked = Notice & { readonly type: 'restore-document' };

const PROBLEMS = 20; // kept for the panel; all of them are on record
const EMPTY: IPosition = { head_step: null, head_run: null, steps: [] };

/** The record of one notebook, shared by all its views. */
export class NotebookRecord implements IDisposable {
  constructor(
    private readonly _context: DocumentRegistry.IContext<INotebookModel>,
    private readonly _api: RuntrackApi
  ) {
    const session = _context.sessionContext;
    session.kernelChanged.connect(this._onKernelChanged, this);
    session.statusChanged.connect(this._onStatusChanged, this);
    _context.pathChanged.connect(this._onPathChanged, this);
    _context.disposed.connect(this.dispose, this);
    this._numbers = new Numbers(_api);
    this._numbers.numbered.connect((_, run) => this._onNumbered(run));
    void session.ready.then(() => this._connect());
  }

  /** Anything shown of this record changed. */
  readonly changed: ISignal<this, void> = new Signal<this, void>(this);

  /** A run was made: the kernel said so, or answered our request. */
  readonly runMade: ISignal<this, IRun> = new Signal<this, IRun>(this);

  /** A run got its number. */
  readonly runNumbered: ISignal<this, IRun> = new Signal<this, IRun>(this);

  /** The kernel asks for the document of a run or step. */
  readonly documentAsked: ISignal<this, DocumentAsked> = new Signal<this, DocumentAsked>(this);

  /** How far a restore has come that takes its time; null when none does. */
  restoring: IProgress | null = null;

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  get context(): DocumentRegistry.IContext<INotebookModel> {
    return this._context;
  }

  get session(): ISessionContext {
    return this._context.sessionContext;
  }

  get path(): string {
    return this._context.localPath;
  }

  get recording(): Recording {
    return this._recording;
  }

  get whyOff(): string {
    return this._whyOff;
  }

  get store(): string {
    return this._store;
  }

  get sessionId(): string | null {
    return this._sessionId;
  }

  get position(): IPosition {
    return this._position;
  }

  /** The run that Now came from, as far as it is known. */
  get headRun(): IRun | null {
    return this._headRun;
  }

  /** The step that runs at this moment. */
  get running(): IStep | null {
    return this._steps.running;
  }

  get problems(): readonly IGap[] {
    return this._problems;
  }

  get isBusy(): boolean {
    return this.session.session?.kernel?.status === 'busy';
  }

  get metadata(): INotebookMetadata {
    return (this._context.model.getMetadata('runtrack') ?? {}) as INotebookMetadata;
  }

  get notebookId(): string | null {
    return this.metadata.id ?? null;
  }

  /** Steps since the last run, oldest first, as far as they are known. */
  get steps(): readonly IStep[] {
    return this._steps.of(this._position.steps);
  }

  /** Steps that the server knows and this page has not seen. */
  learn(steps: readonly IStep[]): void {
    this._steps.learn(steps);
    this._emit();
  }

  /** The id of this notebook, also where its metadata does not have it; null for a new one. */
  identity(): Promise<string | null> {
    const id = this.notebookId ?? this._boundId;
    if (id !== null) {
      return Promise.resolve(id);
    }
    const modified = this._context.contentsModel?.last_modified;
    this._identity ??= knownIdentity(this._api, this.path, modified).catch(() => null);
    return this._identity;
  }

  /** Give the notebook an id, at its first executed cell, unless recording is off. */
  async bind(): Promise<void> {
    if (this._recording !== 'on' || (this._boundId !== null && this._boundId === this.notebookId)) {
      return;
    }
    const known = await this.identity();
    const id = this.notebookId ?? this._boundId ?? known ?? ulid();
    if (this.notebookId === null && !this._isDisposed) {
      this._context.model.setMetadata('runtrack', { ...this.metadata, id });
    }
    if (this._boundId !== id) {
      this._boundId = id;
      this._link?.bind(id, this.path);
    }
  }

  /** Tell the kernel which cells the document has; called after every execution. */
  postCells(): void {
    window.clearTimeout(this._cellsTimer);
    // A cell that ends starts the next one: one post for a burst of them.
    this._cellsTimer = window.setTimeout(() => this._sendCells(), 50);
  }

  /** The document at this moment, unsaved edits included. */
  snapshot(): nbformat.INotebookContent {
    return this._context.model.toJSON() as nbformat.INotebookContent;
  }

  /** Hand the live document over for a run that is being made. */
  async putDocument(run_id: string, document = this.snapshot()): Promise<void> {
    if (this._sessionId !== null) {
      this._handed.add(run_id);
      await this._api.putDocument(this._sessionId, run_id, document);
    }
  }

  /** Ask the kernel; refusals are `RuntrackError`s. */
  request<T>(request: JSONObject): Promise<T> {
    const kernel = this.session.session?.kernel;
    if (!kernel) {
      throw new RuntrackError('not-tracking', 'This notebook has no running kernel');
    }
    return ask<T>(kernel, request);
  }

  /** Resolve when the kernel has said everything about the cells that have ended. */
  async settled(): Promise<void> {
    const { position } = await this.request<{ position?: IPosition }>({ request: 'status' });
    if (position) {
      this._position = position;
    }
  }

  /** Take over what a request answered, before the notice of it arrives. */
  moved(position: IPosition, run?: IRun): void {
    this._position = position;
    if (run) {
      this._madeRun(run);
    }
    this._emit();
    void this.refreshHead();
  }

  /** Switch recording of this notebook; the choice stays in its metadata. */
  async setEnabled(enabled: boolean): Promise<void> {
    this._context.model.setMetadata('runtrack', { ...this.metadata, enabled });
    if (this.session.session?.kernel && this._recording !== 'absent') {
      const answer = await this.request<ITrackingResult>({ request: enabled ? 'on' : 'off' });
      this._setTracking(answer.tracking, answer.why_off ?? '');
    }
  }

  /** Look again for the numbers of the runs that have none, when something changed on disk. */
  async refreshHead(): Promise<void> {
    const id = this._position.head_run;
    if (this._headRun?.run_id !== id) {
      this._headRun = null;
    }
    if (id !== null && (this._headRun === null || !isNumbered(this._headRun))) {
      this._numbers.expect(id);
    }
    this._emit();
    await this._numbers.look();
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    window.clearTimeout(this._cellsTimer);
    this._link?.dispose();
    Signal.clearData(this);
  }

  private _onKernelChanged(): void {
    this._link?.dispose();
    this._link = null;
    this._connect();
  }

  private _onStatusChanged(_: ISessionContext, status: Kernel.Status): void {
    if (status === 'restarting' || status === 'autorestarting') {
      this._link?.dispose();
      this._link = null;
      this._steps.stopped();
    } else if (status === 'dead' || status === 'terminating') {
      this._steps.stopped();
      this._recording = 'no-kernel';
    } else if (status === 'idle' && this._link === null) {
      this._connect();
    }
    this._emit();
  }

  private _onPathChanged(): void {
    this._identity = null;
    if (this._boundId !== null) {
      this._link?.bind(this._boundId, this.path);
    }
    this._emit();
  }

  private _connect(): void {
    const kernel = this.session.session?.kernel ?? null;
    if (this._isDisposed || kernel === null || kernel.isDisposed || !kernel.handleComms) {
      this._recording = kernel === null ? 'no-kernel' : this._recording;
      this._emit();
      return;
    }
    this._recording = 'waiting';
    this.restoring = null;
    this._boundId = null;
    this._position = EMPTY;
    const link = new KernelLink(kernel, { path: this.path, notebook_id: this.notebookId });
    this._link = link;
    link.noticed.connect((_, notice) => this._onNotice(notice));
    link.closed.connect(() => {
      if (this._link === link) {
        this._recording = 'absent';
        this._emit();
      }
    });
    this._emit();
  }

  private _onNotice(notice: Notice): void {
    switch (notice.type) {
      case 'hello':
        this._hello(notice);
        break;
      case 'step-started':
        this._steps.started(notice.step);
        break;
      case 'step-ended':
        this._steps.ended(notice.step);
        this._position = notice.position;
        break;
      case 'captured':
        this._steps.captured(notice);
        break;
      case 'run':
        if (!this._handed.has(notice.run.run_id)) {
          void this.putDocument(notice.run.run_id).catch(() => undefined);
        }
        this._position = notice.position;
        this._madeRun(notice.run);
        break;
      case 'head-moved':
        this._position = notice.position;
        void this.refreshHead();
        break;
      case 'restoring':
        this.restoring = notice.done < notice.total ? notice : null;
        break;
      case 'tracking':
        this._setTracking(notice.tracking, notice.why_off);
        break;
      case 'problem':
        this._problems = [notice.gap, ...this._problems].slice(0, PROBLEMS);
        break;
      case 'restore-document':
        (this.documentAsked as Signal<this, DocumentAsked>).emit(notice);
        break;
    }
    this._emit();
  }

  private _hello(notice: Notice & { type: 'hello' }): void {
    this._sessionId = notice.session_id;
    this._store = notice.store;
    this._position = notice.position;
    this._boundId = notice.notebook_id;
    this._setTracking(notice.tracking, notice.why_off);
    if (this.notebookId !== null) {
      void this.bind();
    }
    if (notice.tracking && this.metadata.enabled === false) {
      void this.setEnabled(false).catch(() => undefined);
    }
    void this.refreshHead();
  }

  private _madeRun(run: IRun): void {
    if (run.run_id === this._position.head_run && this._headRun?.run_id !== run.run_id) {
      this._headRun = run;
    }
    if (!isNumbered(run)) {
      this._numbers.expect(run.run_id);
    }
    (this.runMade as Signal<this, IRun>).emit(run);
  }

  private _onNumbered(run: IRun): void {
    if (run.run_id === this._position.head_run) {
      this._headRun = run;
    }
    (this.runNumbered as Signal<this, IRun>).emit(run);
    this._emit();
  }

  private _setTracking(tracking: boolean, why: string): void {
    this._recording = tracking ? 'on' : 'off';
    this._whyOff = tracking ? '' : why;
    this._emit();
  }

  private _sendCells(): void {
    if (this._recording === 'on' && !this._isDisposed) {
      const { cells, sources } = this._cells.list(this._context.model.sharedModel);
      this._link?.cells(cells, sources);
    }
  }

  private _emit(): void {
    if (!this._isDisposed) {
      (this.changed as Signal<this, void>).emit();
    }
  }

  private _boundId: string | null = null;
  private readonly _cells = new CellList();
  private _cellsTimer = 0;
  private readonly _handed = new Set<string>();
  private _headRun: IRun | null = null;
  private _identity: Promise<string | null> | null = null;
  private _isDisposed = false;
  private _link: KernelLink | null = null;
  private readonly _numbers: Numbers;
  private _position: IPosition = EMPTY;
  private _problems: readonly IGap[] = [];
  private _recording: Recording = 'waiting';
  private _sessionId: string | null = null;
  private readonly _steps = new LiveSteps();
  private _store = '';
  private _whyOff = '';
}
