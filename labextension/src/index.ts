/** The plugins of Runtrack. */

import {
  ILabShell,
  ILayoutRestorer,
  IRouter,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette, type MainAreaWidget, WidgetTracker } from '@jupyterlab/apputils';
import { type EditorLanguageRegistry, IEditorLanguageRegistry } from '@jupyterlab/codemirror';
import { INotebookTracker, NotebookActions } from '@jupyterlab/notebook';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStatusBar } from '@jupyterlab/statusbar';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { Actions } from './actions';
import { addAnnotating } from './annotating';
import { RuntrackApi, RuntrackError } from './api';
import { addCommands } from './commands';
import { EventStream } from './events';
import { followHints } from './hints';
import { HistoryModel } from './model/history';
import { RecordTracker } from './model/tracker';
import { panelHost } from './panelhost';
import { RecordingSettings } from './recordingsettings';
import { checkpointAfterRunAll } from './runall';
import { CommandIDs, IRuntrack, PLUGIN_ID } from './tokens';
import { followEvents, followExecutions } from './wiring';
import { followLinks } from './runlinks';
import { openRunPage } from './runpages';
import { runsIcon } from './icons';
import type { RunPage } from './views/runpage/runpage';
import { liveRegion } from './views/liveregion';
import { RunsPanel } from './views/panel';
import { StatusItem } from './views/statusitem';

/** Whether the server has Runtrack; a server that does not answer now may still have it. */
async function hasServerPart(api: RuntrackApi): Promise<boolean> {
  try {
    await api.status();
    return true;
  } catch (error) {
    return !(error instanceof RuntrackError && error.status === 404);
  }
}

/** Buttons are enabled or not by the state of the notebook in front. */
function commandsChanged(app: JupyterFrontEnd): void {
  for (const id of [CommandIDs.checkpoint, CommandIDs.checkpointMessage, CommandIDs.undoCell]) {
    if (app.commands.hasCommand(id)) {
      app.commands.notifyCommandChanged(id);
    }
  }
}

const core: JupyterFrontEndPlugin<IRuntrack> = {
  id: 'runtrack-jupyter:core',
  description: 'Records of the open notebooks, the connection to their kernels and to the server.',
  autoStart: true,
  provides: IRuntrack,
  requires: [INotebookTracker],
  optional: [ITranslator],
  activate: (
    app: JupyterFrontEnd,
    notebooks: INotebookTracker,
    translator: ITranslator | null
  ): IRuntrack => {
    const trans = (translator ?? nullTranslator).load('runtrack');
    const api = new RuntrackApi(app.serviceManager.serverSettings);
    const events = new EventStream(api);
    const records = new RecordTracker(notebooks, api);
    const actions = new Actions(api, trans);
    const say = liveRegion();
    actions.announced.connect((_, text) => say(text));
    const runtrack = { api, events, records, actions, ready: hasServerPart(api) };
    followExecutions(records, notebooks, NotebookActions);
    followEvents(runtrack);
    return runtrack;
  }
};

const recording: JupyterFrontEndPlugin<void> = {
  id: PLUGIN_ID,
  description: 'Commands, settings and the automatic run after Run All.',
  autoStart: true,
  requires: [IRuntrack],
  optional: [ISettingRegistry, ICommandPalette, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    runtrack: IRuntrack,
    registry: ISettingRegistry | null,
    palette: ICommandPalette | null,
    translator: ITranslator | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('runtrack');
    const commands = addCommands({ app, runtrack, trans, palette });
    const settings = new RecordingSettings(runtrack.api);
    const { records, actions } = runtrack;
    records.each(record => record.changed.connect(() => commandsChanged(app)));
    checkpointAfterRunAll({
      commands: app.commands,
      records,
      actions,
      isOn: () => settings.current.after_run_all
    });
    void runtrack.ready.then(async ready => {
      if (!ready) {
        commands.dispose();
      } else if (registry !== null) {
        try {
          await settings.follow(await registry.load(PLUGIN_ID));
        } catch (error) {
          console.warn('Runtrack: the recording settings could not be read', error);
        }
      }
    });
  }
};

const panel: JupyterFrontEndPlugin<void> = {
  id: 'runtrack-jupyter:panel',
  description: 'The side panel with the history of the notebook in front.',
  autoStart: true,
  requires: [IRuntrack],
  optional: [ILabShell, ILayoutRestorer, ICommandPalette, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    runtrack: IRuntrack,
    labShell: ILabShell | null,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null,
    translator: ITranslator | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('runtrack');
    const model = new HistoryModel(runtrack.api);
    const widget = new RunsPanel({ model, host: panelHost(app, runtrack, model), trans });
    model.record = runtrack.records.current;
    runtrack.records.currentChanged.connect((_, record) => {
      model.record = record;
    });
    runtrack.events.received.connect((_, event) => {
      if (event.type === 'changed') {
        model.invalidate(event.runs === false ? 'steps' : 'all');
      }
    });
    runtrack.events.opened.connect(() => model.invalidate());
    runtrack.actions.annotated.connect((_, run) => model.take(run));
    const annotating = addAnnotating({ app, runtrack, model, trans });
    app.shell.add(widget, 'left', { rank: 600, type: 'Runs' });
    restorer?.add(widget, widget.id);
    const command = app.commands.addCommand(CommandIDs.focusPanel, {
      label: trans.__('Show Runs'),
      caption: trans.__('Go to the history of the notebook in front'),
      execute: () => {
        app.shell.activateById(widget.id);
        requestAnimationFrame(() => widget.focus());
      }
    });
    const entry = palette?.addItem({
      command: CommandIDs.focusPanel,
      category: trans.__('Runs')
    });
    void runtrack.ready.then(ready => {
      if (!ready) {
        widget.dispose();
        command.dispose();
        annotating.dispose();
        entry?.dispose();
      }
    });
    labShell?.layoutModified.connect(() => {
      model.isActive = widget.isVisible;
    });
  }
};

const hints: JupyterFrontEndPlugin<void> = {
  id: 'runtrack-jupyter:hints',
  description:
    'Hints below the prompts of cells: edited since it ran, stale, hidden, out of order.',
  autoStart: true,
  requires: [IRuntrack, INotebookTracker],
  optional: [ISettingRegistry, ITranslator],
  activate: (
    _: JupyterFrontEnd,
    runtrack: IRuntrack,
    notebooks: INotebookTracker,
    registry: ISettingRegistry | null,
    translator: ITranslator | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('runtrack');
    void runtrack.ready.then(async ready => {
      if (!ready) {
        return;
      }
      const enable = followHints({ notebooks, runtrack, trans, actions: NotebookActions });
      const settings = await registry?.load(PLUGIN_ID).catch(() => undefined);
      const follow = (): void => enable(settings?.composite['cell_hints'] !== false);
      settings?.changed.connect(follow);
      follow();
    });
  }
};

const status: JupyterFrontEndPlugin<void> = {
  id: 'runtrack-jupyter:status',
  description: 'The status bar item.',
  autoStart: true,
  requires: [IRuntrack],
  optional: [IStatusBar, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    runtrack: IRuntrack,
    bar: IStatusBar | null,
    translator: ITranslator | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('runtrack');
    void runtrack.ready.then(ready => {
      if (ready && bar !== null) {
        const onClick = (): void => void app.commands.execute(CommandIDs.focusPanel);
        const item = new StatusItem({ records: runtrack.records, trans, onClick });
        bar.registerStatusItem('runtrack', { item, align: 'left', rank: 5 });
      }
    });
  }
};

const runPage: JupyterFrontEndPlugin<void> = {
  id: 'runtrack-jupyter:run-page',
  description: 'The page of one run, in the main area.',
  autoStart: true,
  requires: [IRuntrack, IRenderMimeRegistry],
  optional: [IEditorLanguageRegistry, ILayoutRestorer, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    runtrack: IRuntrack,
    rendermime: IRenderMimeRegistry,
    languages: EditorLanguageRegistry | null,
    restorer: ILayoutRestorer | null,
    translator: ITranslator | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('runtrack');
    const tracker = new WidgetTracker<MainAreaWidget<RunPage>>({ namespace: 'runtrack-run' });
    const rendering = { rendermime, languages, language: 'ipython' };
    const command = app.commands.addCommand(CommandIDs.openRun, {
      label: trans.__('Open'),
      icon: runsIcon,
      execute: async args => {
        const node = app.contextMenuHitTest(element => Boolean(element.dataset['runId']));
        const id = String(args['id'] ?? node?.dataset['runId'] ?? '');
        const path = String(args['path'] ?? runtrack.records.current?.path ?? '');
        if (id !== '') {
          await openRunPage({ app, runtrack, trans, rendering, tracker }, id, path);
        }
      }
    });
    void runtrack.ready.then(ready => {
      if (!ready) {
        command.dispose();
      }
    });
    void restorer?.restore(tracker, {
      command: CommandIDs.openRun,
      args: widget => ({ id: widget.content.model.id, path: widget.content.model.path }),
      name: widget => widget.content.model.id
    });
  }
};

const links: JupyterFrontEndPlugin<void> = {
  id: 'runtrack-jupyter:links',
  description: 'Opens the run that the address of the page asks for.',
  autoStart: true,
  requires: [IRuntrack, IRouter],
  optional: [ITranslator],
  activate: (
    app: JupyterFrontEnd,
    runtrack: IRuntrack,
    router: IRouter,
    translator: ITranslator | null
  ): void => {
    followLinks(app, runtrack, router, (translator ?? nullTranslator).load('runtrack'));
  }
};

const plugins: JupyterFrontEndPlugin<unknown>[] = [
  core,
  recording,
  panel,
  hints,
  status,
  runPage,
  links
];
export default plugins;
