/** Everything that one run holds, read once: a sealed run never changes. */

import type * as nbformat from '@jupyterlab/nbformat';
import type { IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';

import { RuntrackError, type IOrigin, type IRunDetails, type RuntrackApi } from '../api';
import type { IRun, IStep } from '../records';
import { countOf } from './format';

const UNKNOWN: ReadonlySet<string> = new Set(['not-found', 'ambiguous']);

export class RunPageModel implements IDisposable {
  constructor(
    readonly id: string,
    /** The notebook that the page was opened from; a restore goes there. */
    readonly path: string,
    private readonly _api: RuntrackApi
  ) {}

  readonly changed: ISignal<this, void> = new Signal<this, void>(this);

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  get details(): IRunDetails | null {
    return this._details;
  }

  get document(): nbformat.INotebookContent | null {
    return this._document;
  }

  get steps(): readonly IStep[] | null {
    return this._steps;
  }

  /** What could not be read, by part: the others are shown all the same. */
  get errors(): ReadonlyMap<'run' | 'document' | 'steps', string> {
    return this._errors;
  }

  /** That there is no such run, or several, in the server's words; null where that is not so. */
  get unknown(): string | null {
    return this._unknown;
  }

  /** `[7]` for a step of this run; null for one of a run above, which `originOf` tells. */
  countOf(step_id: string | null | undefined): string | null {
    const step = this._steps?.find(candidate => candidate.step_id === step_id);
    return step === undefined ? null : countOf(step);
  }

  /** Where a step of a run above is; null where its store is not here. */
  originOf(step_id: string | null | undefined): IOrigin | null {
    return this._details?.origins?.find(origin => origin.step_id === step_id) ?? null;
  }

  /** Read the header first, then both panes. */
  async load(): Promise<void> {
    this._errors.clear();
    await this._part('run', async () => {
      try {
        this._details = await this._api.run(this.id);
        this._unknown = null;
      } catch (error) {
        const kind = error instanceof RuntrackError ? error.kind : '';
        this._unknown = UNKNOWN.has(kind) ? (error as Error).message : null;
        throw error;
      }
    });
    if (this._unknown !== null) {
      return;
    }
    await Promise.all([
      this._part('document', async () => {
        this._document = await this._api.runDocument(this.id);
      }),
      this._part('steps', async () => {
        this._steps = await this._api.steps(this.id);
      })
    ]);
  }

  /** Read again what can change of a sealed run: what is said of it. */
  async refresh(): Promise<void> {
    await this._part('run', async () => {
      this._details = await this._api.run(this.id);
    });
  }

  /** Take over the run as it is called now; it comes without its variables. */
  take(run: IRun): void {
    if (this._details !== null && run.run_id === this._details.run.run_id) {
      const { variables } = this._details.run;
      this._details = { ...this._details, run: { ...run, variables } };
      (this.changed as Signal<this, void>).emit();
    }
  }

  /** A run that was opened before it was sealed has no number and no document yet. */
  get isComplete(): boolean {
    return this._details?.run.sealed === true && this._document !== null;
  }

  dispose(): void {
    this._isDisposed = true;
    Signal.clearData(this);
  }

  private async _part(
    part: 'run' | 'document' | 'steps',
    read: () => Promise<void>
  ): Promise<void> {
    try {
      await read();
    } catch (error) {
      this._errors.set(part, (error as Error).message);
    }
    if (!this._isDisposed) {
      (this.changed as Signal<this, void>).emit();
    }
  }

  private _details: IRunDetails | null = null;
  private _document: nbformat.INotebookContent | null = null;
  private readonly _errors = new Map<'run' | 'document' | 'steps', string>();
  private _isDisposed = false;
  private _steps: readonly IStep[] | null = null;
  private _unknown: string | null = null;
}
