/** Opens run pages in the main area, one per run. */

import type { JupyterFrontEnd } from '@jupyterlab/application';
import { MainAreaWidget, type WidgetTracker } from '@jupyterlab/apputils';
import { PageConfig } from '@jupyterlab/coreutils';
import type { TranslationBundle } from '@jupyterlab/translation';

import { TabPanel } from '@lumino/widgets';

import type { IRunChange } from './api';
import type { ServerEvent } from './events';
import { runsIcon } from './icons';
import { runNumber, runTitle } from './model/format';
import { RunPageModel } from './model/runpage';
import type { IRun } from './records';
import { copyLink } from './runlinks';
import { CommandIDs, type IRuntrack } from './tokens';
import type { IRendering } from './views/runpage/cell';
import { RunPage } from './views/runpage/runpage';

export interface IRunPagesOptions {
  readonly app: JupyterFrontEnd;
  readonly runtrack: IRuntrack;
  readonly trans: TranslationBundle;
  readonly rendering: IRendering;
  readonly tracker: WidgetTracker<MainAreaWidget<RunPage>>;
}

/** Show the page of a run, opened from the notebook at `path`. */
export async function openRunPage(
  options: IRunPagesOptions,
  id: string,
  path: string
): Promise<void> {
  const { app, tracker } = options;
  const known = tracker.find(widget => widget.content.model.id === id);
  if (known) {
    app.shell.activateById(known.id);
    return;
  }
  const widget = makePage(options, id, path);
  await tracker.add(widget);
  addToMain(app, widget);
}

/** Notebook 7's file browser is a panel with tabs; its shell has no room for a second widget beside it. */
function addToMain(app: JupyterFrontEnd, widget: MainAreaWidget<RunPage>): void {
  const [tabs] = PageConfig.getOption('notebookPage') === 'tree' ? app.shell.widgets('main') : [];
  if (tabs instanceof TabPanel) {
    tabs.addWidget(widget);
    tabs.currentWidget = widget;
    return;
  }
  app.shell.add(widget, 'main', { type: 'Run' });
  app.shell.activateById(widget.id);
}

function makePage(options: IRunPagesOptions, id: string, path: string): MainAreaWidget<RunPage> {
  const { app, runtrack, trans, rendering } = options;
  const model = new RunPageModel(id, path, runtrack.api);
  const host = {
    restore: (run: string) => void app.commands.execute(CommandIDs.restore, { id: run, path }),
    openRun: (run: string) => void app.commands.execute(CommandIDs.openRun, { id: run, path }),
    annotate: (run: string, change: IRunChange) => runtrack.actions.annotate(run, change),
    openNotebook: () => void app.commands.execute('docmanager:open', { path }),
    copyLink: (run: string) => copyLink(run, trans),
    showRuns: () => void app.commands.execute(CommandIDs.focusPanel),
    canRestore: () => runtrack.records.at(path) !== null
  };
  const content = new RunPage({ model, host, rendering, trans });
  const widget = new MainAreaWidget({ content });
  widget.id = `runtrack-run-${id.replace(/[^\w-]/g, '_')}`;
  widget.title.icon = runsIcon;
  widget.title.label = trans.__('Run');
  widget.title.closable = true;
  model.changed.connect(() => {
    const run = model.details?.run;
    if (run) {
      widget.title.label = `${runNumber(run)} ${runTitle(run, trans)}`;
      widget.title.caption = widget.title.label;
    }
  });
  const refresh = (_: unknown, event: ServerEvent): void => {
    if (!model.isComplete) {
      void model.load();
    } else if (event.type === 'changed' && event.runs && widget.isVisible) {
      void model.refresh();
    }
  };
  const take = (_: unknown, run: IRun): void => model.take(run);
  // Whether the run can be restored depends on what is open.
  const look = (): void => content.update();
  runtrack.events.received.connect(refresh);
  runtrack.actions.annotated.connect(take);
  runtrack.records.currentChanged.connect(look);
  widget.disposed.connect(() => {
    runtrack.events.received.disconnect(refresh);
    runtrack.actions.annotated.disconnect(take);
    runtrack.records.currentChanged.disconnect(look);
  });
  void model.load();
  return widget;
}
