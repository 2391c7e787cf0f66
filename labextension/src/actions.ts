/** What the buttons do: checkpoint, undo, restore, copy. Orchestrates records, server and document. */

import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { JSONValue } from '@lumino/coreutils';
import { Signal, type ISignal } from '@lumino/signaling';

import { RuntrackError, type IRunChange, type RuntrackApi } from './api';
import { applyDocument } from './document';
import type { ICheckpointResult, IRestoreResult, IUndoResult } from './kernel';
import { countOf, runNumber } from './model/format';
import type { NotebookRecord } from './model/notebookrecord';
import { isNumbered } from './model/numbers';
import type { IGap, IRun } from './records';
import { ulid } from './ulid';

export type Scope = 'both' | 'document' | 'variables';

export interface IRestored {
  /** The run that holds what was there before; null where no kernel could make one. */
  readonly before: IRun | null;
  readonly gaps: readonly IGap[];
  /** Variables that were made again, each with how. */
  readonly rebuilt: Readonly<Record<string, string>>;
}

/** How long a restore waits for a running cell before it looks again. */
const IDLE_CHECK = 250;

export class Actions {
  constructor(
    private readonly _api: RuntrackApi,
    private readonly _trans: TranslationBundle
  ) {}

  /** Sentences for the live region. */
  readonly announced: ISignal<this, string> = new Signal<this, string>(this);

  /** Something was said of a run here; other pages hear of it from the server. */
  readonly annotated: ISignal<this, IRun> = new Signal<this, IRun>(this);

  /** Rename, label, star or write about a run; false where that failed. */
  async annotate(run_id: string, change: IRunChange): Promise<boolean> {
    try {
      const run = await this._api.annotate(run_id, change);
      (this.annotated as Signal<this, IRun>).emit(run);
      return true;
    } catch (error) {
      this._report(this._trans.__('Nothing was said of the run'), error);
      return false;
    }
  }

  /** Seal everything since the last run. The document is taken before the kernel is asked. */
  async checkpoint(record: NotebookRecord, message = '', automatic = ''): Promise<IRun | null> {
    try {
      const request_id = ulid();
      const document = record.snapshot();
      await record.bind();
      await record.putDocument(request_id, document);
      const { run, position } = await record.request<ICheckpointResult>({
        request: 'checkpoint',
        request_id,
        message,
        automatic
      });
      record.moved(position, run);
      this._whenNumbered(record, run, numbered =>
        this._announce(this._trans.__('Checkpoint %1 made', runNumber(numbered)))
      );
      return run;
    } catch (error) {
      this._report(this._trans.__('No checkpoint was made'), error);
      return null;
    }
  }

  /** Put the variables back to where they were before the last cell. */
  async undo(record: NotebookRecord): Promise<void> {
    const trans = this._trans;
    try {
      const undone = await record.request<IUndoResult>({ request: 'undo', request_id: ulid() });
      record.moved(undone.position);
      const names = (undone.restored ?? []).join(', ');
      const cell = countOf(undone.step);
      const written = (undone.step.files ?? []).filter(file => file.direction !== 'read');
      const parts = [
        names
          ? trans.__('Undid cell %1: %2 back to the earlier values.', cell, names)
          : trans.__('Undid cell %1: it had changed no variable.', cell),
        ...Object.entries(undone.rebuilt ?? {}).map(([made, words]) => `${made}: ${words}.`),
        ...written.map(file => trans.__('%1 was written and stays.', file.path)),
        ...(undone.gaps ?? []).map(gap => `${gap.subject}: ${gap.reason}.`)
      ];
      Notification.emit(parts.join(' '), (undone.gaps ?? []).length > 0 ? 'warning' : 'info', {
        autoClose: 8000,
        actions: [
          {
            label: trans.__('Redo'),
            callback: () => void this.restoreAndTell(record, undone.step.step_id, 'variables', cell)
          }
        ]
      });
      this._announce(parts[0]);
    } catch (error) {
      this._report(trans.__('Nothing was undone'), error);
    }
  }

  /**
   * Go back to a run or step. What is there now becomes a run first, so this can be undone.
   * What was not saved is made again where that can be done; `rebuild` may name for which.
   *
   * Raises `RuntrackError` with nothing changed, or returns with the gaps of what did not return.
   */
  async restore(
    record: NotebookRecord,
    id: string,
    scope: Scope,
    title: string,
    rebuild: true | readonly string[] = true
  ): Promise<IRestored> {
    const live = record.snapshot();
    const answer = scope === 'variables' ? null : await this._api.documentToRestore(id, live);
    let before: IRun | null = null;
    let rebuilt: Readonly<Record<string, string>> = {};
    const gaps: IGap[] = [];
    if (record.recording === 'on') {
      const request_id = ulid();
      await record.putDocument(request_id, live);
      if (scope === 'document') {
        const automatic = `before restoring ${title}`;
        const request = { request: 'checkpoint', request_id, message: '', automatic };
        const made = await record.request<ICheckpointResult>(request);
        record.moved(made.position, made.run);
        before = made.run;
      } else {
        const request = { request: 'restore', request_id, id, rebuild: rebuild as JSONValue };
        const made = await record.request<IRestoreResult>(request);
        record.moved(made.position, made.before);
        before = made.before;
        rebuilt = made.rebuilt ?? {};
        gaps.push(...(made.gaps ?? []));
      }
    } else if (scope !== 'document') {
      throw new RuntrackError('not-tracking', this._trans.__('The kernel does not record'));
    }
    if (answer !== null) {
      applyDocument(record.context.model, answer.document);
      gaps.push(...answer.gaps);
      record.postCells();
    }
    return { before, gaps, rebuilt };
  }

  /** Restore outside the dialog: the outcome, good or bad, is a notification. */
  async restoreAndTell(
    record: NotebookRecord,
    id: string,
    scope: Scope,
    title: string
  ): Promise<void> {
    try {
      this.tellRestored(record, await this.restore(record, id, scope, title), scope, title);
    } catch (error) {
      this._report(this._trans.__('%1 was not restored', title), error);
    }
  }

  /** One notification, with the way back. */
  tellRestored(record: NotebookRecord, done: IRestored, scope: Scope, title: string): void {
    const trans = this._trans;
    const { before } = done;
    const told = [
      ...Object.entries(done.rebuilt).map(([name, words]) => `${name}: ${words}.`),
      ...done.gaps.map(gap => `${gap.subject}: ${gap.reason}.`)
    ];
    const message = (kept: string): string =>
      [trans.__('Restored %1.', title), kept, ...told].join(' ');
    const type = done.gaps.length > 0 ? 'warning' : 'success';
    const autoClose = 15000;
    if (before === null) {
      const hint = trans.__('Edit, Undo Cell Operation brings the notebook back.');
      Notification.emit(message(hint), type, { autoClose });
    } else {
      const kept = (run: IRun): string =>
        message(trans.__('Your work is kept as %1.', runNumber(run)));
      const undo = (run: IRun): Notification.IAction => ({
        label: trans.__('Undo restore'),
        callback: () => void this.restoreAndTell(record, run.run_id, scope, runNumber(run))
      });
      const id = Notification.emit(kept(before), type, { autoClose, actions: [undo(before)] });
      this._whenNumbered(record, before, run => {
        Notification.update({ id, message: kept(run), type, autoClose, actions: [undo(run)] });
      });
    }
    this._announce(trans.__('Restored %1.', title));
  }

  /** Resolve when no cell runs, or reject when `signal` says so. */
  async idle(record: NotebookRecord, signal: AbortSignal): Promise<void> {
    while (record.isBusy) {
      await new Promise<void>(resolve => {
        const session = record.session;
        const done = (): void => {
          session.statusChanged.disconnect(done);
          resolve();
        };
        session.statusChanged.connect(done);
        signal.addEventListener('abort', done, { once: true });
      });
      signal.throwIfAborted();
      // Between two cells of a queue the kernel is idle for a moment.
      await new Promise(resolve => window.setTimeout(resolve, IDLE_CHECK));
    }
  }

  /** Put a document back because the kernel or a terminal asked; one tab only. */
  async restoreDocument(record: NotebookRecord, command_id: string, id: string): Promise<void> {
    if (this._asked.has(command_id)) {
      return; // the kernel and the server both tell
    }
    this._asked.add(command_id);
    try {
      if (!(await this._api.claim(command_id))) {
        return;
      }
      const answer = await this._api.documentToRestore(id, record.snapshot());
      applyDocument(record.context.model, answer.document);
      await this._api.acknowledge(command_id);
      record.postCells();
    } catch (error) {
      this._report(this._trans.__('The notebook was not restored'), error);
    }
  }

  async setEnabled(record: NotebookRecord, enabled: boolean): Promise<void> {
    try {
      await record.setEnabled(enabled);
      this._announce(enabled ? this._trans.__('Recording') : this._trans.__('Recording paused'));
    } catch (error) {
      this._report(this._trans.__('The kernel did not answer'), error);
    }
  }

  /** People know runs by number; the sealer gives it a moment after the run was made. */
  private _whenNumbered(record: NotebookRecord, run: IRun, tell: (run: IRun) => void): void {
    if (isNumbered(run)) {
      tell(run);
      return;
    }
    const listen = (_: NotebookRecord, numbered: IRun): void => {
      if (numbered.run_id === run.run_id && isNumbered(numbered)) {
        // False where it was told before.
        if (record.runNumbered.disconnect(listen)) {
          tell(numbered);
        }
      }
    };
    record.runNumbered.connect(listen);
    // A restore can take longer than the sealer: then the number was told before anyone listened.
    this._api.run(run.run_id).then(
      answer => listen(record, answer.run),
      () => undefined // not on disk yet: the signal comes
    );
  }

  private _announce(text: string): void {
    (this.announced as Signal<this, string>).emit(text);
  }

  private _report(what: string, error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    Notification.emit(`${what}: ${reason}`, 'error', { autoClose: false });
  }

  private readonly _asked = new Set<string>();
}
