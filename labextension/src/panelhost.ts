/** The panel's wishes as commands and actions. */

import type { JupyterFrontEnd } from '@jupyterlab/application';

import { countOf } from './model/format';
import type { HistoryModel } from './model/history';
import type { NotebookRecord } from './model/notebookrecord';
import type { IRun } from './records';
import { CommandIDs, type IRuntrack } from './tokens';
import type { IPanelHost } from './views/host';

export function panelHost(
  app: JupyterFrontEnd,
  runtrack: IRuntrack,
  model: HistoryModel
): IPanelHost {
  const { commands } = app;
  const { actions } = runtrack;
  const withRecord = (act: (record: NotebookRecord) => Promise<unknown>): void => {
    if (model.record !== null) {
      void act(model.record);
    }
  };
  // A run of another notebook opens with that notebook as the one to restore into.
  const pathOf = (run: IRun): string =>
    model.scope === 'all' ? (model.notebookOf(run)?.path ?? '') : (model.record?.path ?? '');
  return {
    openRun: run =>
      void commands.execute(CommandIDs.openRun, { id: run.run_id, path: pathOf(run) }),
    rename: (run, message) => {
      model.renaming = null;
      if (message !== null) {
        void actions.annotate(run.run_id, { message });
      }
    },
    restoreRun: run =>
      void commands.execute(CommandIDs.restore, { id: run.run_id, path: pathOf(run) }),
    restoreStep: step =>
      void commands.execute(CommandIDs.restore, {
        id: step.step_id,
        path: model.record?.path ?? '',
        title: countOf(step)
      }),
    openNotebook: notebook => void commands.execute('docmanager:open', { path: notebook }),
    checkpoint: () => withRecord(record => actions.checkpoint(record)),
    undo: () => withRecord(record => actions.undo(record)),
    resume: () => withRecord(record => actions.setEnabled(record, true)),
    pause: () => withRecord(record => actions.setEnabled(record, false)),
    restartKernel: () => withRecord(record => record.session.restartKernel()),
    retry: () => model.invalidate()
  };
}
