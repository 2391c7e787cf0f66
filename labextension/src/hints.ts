/** Hints in the gutter of every open notebook, while its window shows it. */

import type { CodeCell } from '@jupyterlab/cells';
import type { INotebookTracker, NotebookActions, NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';

import { CellHints } from './model/cellhints';
import type { IRuntrack } from './tokens';
import { CellGutter } from './views/cellgutter';

export interface IHintsOptions {
  readonly notebooks: INotebookTracker;
  readonly runtrack: IRuntrack;
  readonly trans: TranslationBundle;
  readonly actions: Pick<typeof NotebookActions, 'runCells'>;
}

/** Follow the notebooks; the returned function switches all hints on or off. */
export function followHints(options: IHintsOptions): (enabled: boolean) => void {
  const { notebooks, runtrack, trans, actions } = options;
  const gutters = new Map<NotebookPanel, CellGutter>();
  let isEnabled = true;
  const run = (panel: NotebookPanel, cells: readonly CodeCell[]): void => {
    void actions.runCells(panel.content, cells, panel.sessionContext);
  };
  const add = (panel: NotebookPanel): void => {
    const hints = new CellHints(runtrack.records.of(panel), runtrack.api);
    const gutter = new CellGutter({ panel, hints, trans, run });
    gutter.isEnabled = isEnabled;
    gutters.set(panel, gutter);
    panel.disposed.connect(() => gutters.delete(panel));
  };
  notebooks.forEach(add);
  notebooks.widgetAdded.connect((_, panel) => add(panel));
  notebooks.currentChanged.connect(() => {
    // The one that was in front has not been hidden yet.
    requestAnimationFrame(() => gutters.forEach(gutter => gutter.refresh()));
  });
  return enabled => {
    isEnabled = enabled;
    gutters.forEach(gutter => {
      gutter.isEnabled = enabled;
    });
  };
}
