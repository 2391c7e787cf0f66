/** The state of one restore dialog: what was chosen, what is known, what happened. */

import type { IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';

import type { IRestorePlan, RuntrackApi } from '../api';
import type { IProgress } from '../kernel';
import type { IGap, IRebuild } from '../records';
import { shortId } from '../ulid';

export type Choice = 'both' | 'document' | 'variables' | 'copy';
export type Phase = 'asking' | 'waiting' | 'working' | 'partly' | 'failed' | 'done';

export class RestoringModel implements IDisposable {
  constructor(
    readonly id: string,
    /** False without a recording kernel: then only the notebook can go back. */
    readonly hasKernel: boolean,
    private readonly _api: RuntrackApi
  ) {
    this._choice = hasKernel ? 'both' : 'document';
  }

  readonly changed: ISignal<this, void> = new Signal<this, void>(this);

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  get plan(): IRestorePlan | null {
    return this._plan;
  }

  /** `#12` or `[7]`: what the run or step is called in a sentence. */
  get name(): string {
    return this._plan?.title.split(' ')[0] ?? shortId(this.id);
  }

  get error(): string {
    return this._error;
  }

  get gaps(): readonly IGap[] {
    return this._gaps;
  }

  /** How far the kernel has come; null while it says nothing of it. */
  get progress(): IProgress | null {
    return this._progress;
  }
  set progress(progress: IProgress | null) {
    if (progress !== this._progress) {
      this._progress = progress;
      this.emit();
    }
  }

  get phase(): Phase {
    return this._phase;
  }

  get choice(): Choice {
    return this._choice;
  }
  set choice(choice: Choice) {
    this._choice = choice;
    this.emit();
  }

  /** How a variable that was not saved can be made again; null when it cannot. */
  rebuildOf(name: string): IRebuild | null {
    return this._plan?.rebuilds?.find(each => each.name === name) ?? null;
  }

  /** Whether a variable that can be made again is to be. */
  isRebuilt(name: string): boolean {
    return this.rebuildOf(name) !== null && !this._left.has(name);
  }

  /** Choose whether to make a variable again, or leave it out. */
  setRebuilt(name: string, rebuilt: boolean): void {
    if (rebuilt) {
      this._left.delete(name);
    } else {
      this._left.add(name);
    }
    this.emit();
  }

  /** The variables to make again. */
  get rebuilds(): readonly IRebuild[] {
    return (this._plan?.rebuilds ?? []).filter(each => !this._left.has(each.name));
  }

  /** What the kernel is asked for: everything that can be made again, or only these. */
  get rebuild(): true | readonly string[] {
    return this._left.size === 0 ? true : this.rebuilds.map(each => each.name);
  }

  /** Whether variables are part of what was chosen. */
  get hasVariables(): boolean {
    return this._choice === 'both' || this._choice === 'variables';
  }

  async load(): Promise<void> {
    try {
      this._plan = await this._api.restorePlan(this.id);
    } catch (error) {
      this._error = (error as Error).message;
    }
    this.emit();
  }

  enter(phase: Phase, detail: { error?: string; gaps?: readonly IGap[] } = {}): void {
    this._phase = phase;
    this._error = detail.error ?? '';
    this._gaps = detail.gaps ?? [];
    this.emit();
  }

  emit(): void {
    if (!this._isDisposed) {
      (this.changed as Signal<this, void>).emit();
    }
  }

  dispose(): void {
    this._isDisposed = true;
    Signal.clearData(this);
  }

  private _choice: Choice;
  private _error = '';
  private _gaps: readonly IGap[] = [];
  private _isDisposed = false;
  private readonly _left = new Set<string>();
  private _phase: Phase = 'asking';
  private _plan: IRestorePlan | null = null;
  private _progress: IProgress | null = null;
}
