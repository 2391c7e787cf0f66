import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { NotebookRecord } from '../model/notebookrecord';
import type { IRuntrack } from '../tokens';

export interface IRestoreDialogOptions {
  readonly app: JupyterFrontEnd;
  readonly runtrack: IRuntrack;
  readonly trans: TranslationBundle;
  readonly record: NotebookRecord;
  readonly id: string;
}

export async function showRestoreDialog(options: IRestoreDialogOptions): Promise<void> {
  await options.runtrack.actions.restoreAndTell(options.record, options.id, 'both', options.id);
}
