/** The restore dialog: it stays open until everything that was chosen is done. */

import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Dialog } from '@jupyterlab/apputils';
import { PathExt } from '@jupyterlab/coreutils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { NotebookRecord } from '../model/notebookrecord';
import { RestoringModel } from '../model/restoring';
import type { IRuntrack } from '../tokens';
import { RestoreBody } from './restorebody';
import { TransContext } from './trans';

export interface IRestoreDialogOptions {
  readonly app: JupyterFrontEnd;
  readonly runtrack: IRuntrack;
  readonly trans: TranslationBundle;
  readonly record: NotebookRecord;
  readonly id: string;
}

const CANCEL = 0;
const ACCEPT = 1;

/** Others who have the document open; the shared model knows, without collaboration it is empty. */
function collaborators(record: NotebookRecord): number {
  const shared: unknown = record.context.model.sharedModel;
  const { awareness } = shared as { awareness?: { getStates(): Map<number, unknown> } };
  return Math.max(0, (awareness?.getStates().size ?? 1) - 1);
}

/** What the copy will be called, as far as it can be told before. */
function copyName(record: NotebookRecord, name: string): string {
  const extension = PathExt.extname(record.path);
  const stem = PathExt.basename(record.path, extension);
  return `${stem}-run${name.replace(/^#/, '')}${extension}`;
}

class RestoreDialog extends Dialog<void> {
  constructor(
    private readonly _options: IRestoreDialogOptions,
    private readonly _model: RestoringModel
  ) {
    super({
      title: RestoreDialog.titleOf(_options, _model),
      body: RestoreDialog.bodyOf(_options, _model),
      buttons: [
        Dialog.cancelButton({ label: _options.trans.__('Cancel') }),
        Dialog.okButton({ label: _options.trans.__('Restore') })
      ],
      defaultButton: ACCEPT,
      focusNodeSelector: '.jp-Dialog-button.jp-mod-accept'
    });
    this.addClass('jp-RuntrackRestore');
    this._model.changed.connect(this._relabel, this);
    _options.record.changed.connect(this._onRecord, this);
    this._relabel();
  }

  /** Do what was chosen; the dialog goes away only when all of it is done. */
  override resolve(index?: number): void {
    const phase = this._model.phase;
    if ((index ?? ACCEPT) === CANCEL || phase === 'partly') {
      this._abort.abort();
      super.resolve(CANCEL);
    } else if (phase === 'asking' || phase === 'failed') {
      void this._act();
    }
  }

  override reject(): void {
    this._abort.abort();
    super.reject();
  }

  override dispose(): void {
    this._options.record.changed.disconnect(this._onRecord, this);
    super.dispose();
  }

  private async _act(): Promise<void> {
    const { record, runtrack, id } = this._options;
    const model = this._model;
    const { choice } = model;
    const { name } = model;
    try {
      if (choice === 'copy') {
        model.enter('working');
        const path = await runtrack.api.copy(id, record.path);
        super.resolve(CANCEL);
        await this._options.app.commands.execute('docmanager:open', { path });
        return;
      }
      if (record.isBusy) {
        model.enter('waiting');
        await runtrack.actions.idle(record, this._abort.signal);
      }
      model.enter('working');
      const done = await runtrack.actions.restore(record, id, choice, name, model.rebuild);
      const told = new Set((model.plan?.gaps ?? []).map(gap => gap.subject));
      const surprises = done.gaps.filter(gap => !told.has(gap.subject));
      if (surprises.length > 0 && !this.isDisposed) {
        model.enter('partly', { gaps: done.gaps });
      } else {
        super.resolve(CANCEL);
      }
      runtrack.actions.tellRestored(record, done, choice, name);
    } catch (error) {
      if (!this._abort.signal.aborted) {
        model.enter('failed', { error: (error as Error).message });
      }
    }
  }

  private _onRecord(): void {
    this._model.progress = this._options.record.restoring;
    this._relabel();
  }

  private _relabel(): void {
    const { trans, record } = this._options;
    const { phase, choice } = this._model;
    const busy = record.isBusy && choice !== 'copy';
    const accept = this.node.querySelector<HTMLButtonElement>('.jp-mod-accept');
    const cancel = this.node.querySelector('.jp-mod-reject .jp-Dialog-buttonLabel');
    const label = accept?.querySelector('.jp-Dialog-buttonLabel');
    if (accept && label && cancel) {
      label.textContent =
        phase === 'partly'
          ? trans.__('Close')
          : choice === 'copy'
            ? trans.__('Open Copy')
            : busy
              ? trans.__('Restore when idle')
              : trans.__('Restore');
      accept.disabled = phase === 'waiting' || phase === 'working';
      cancel.textContent = trans.__('Cancel');
      (cancel.parentElement as HTMLElement).hidden = phase === 'partly' || phase === 'working';
    }
  }

  private readonly _abort = new AbortController();
}

namespace RestoreDialog {
  export function titleOf(options: IRestoreDialogOptions, model: RestoringModel): string {
    return options.trans.__('Restore %1', model.plan?.title ?? '');
  }

  export function bodyOf(options: IRestoreDialogOptions, model: RestoringModel): ReactWidget {
    const body = ReactWidget.create(
      <TransContext.Provider value={options.trans}>
        <UseSignal signal={model.changed}>
          {() => (
            <RestoreBody
              model={model}
              copyName={copyName(options.record, model.name)}
              collaborators={collaborators(options.record)}
            />
          )}
        </UseSignal>
      </TransContext.Provider>
    );
    body.addClass('rt-ui');
    body.addClass('rt-restore');
    return body;
  }
}

/** Ask what to restore, and do it. The plan is read first, so that the dialog opens complete. */
export async function showRestoreDialog(options: IRestoreDialogOptions): Promise<void> {
  const { record, runtrack, id } = options;
  const model = new RestoringModel(id, record.recording === 'on', runtrack.api);
  const before = document.activeElement;
  await model.load();
  try {
    await new RestoreDialog(options, model).launch();
  } finally {
    model.dispose();
    if (before instanceof HTMLElement && before.isConnected) {
      before.focus();
    }
  }
}
