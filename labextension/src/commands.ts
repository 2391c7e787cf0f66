/** Every command, as plain functions over the parts; shortcuts and menus are in the schema. */

import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Clipboard, type ICommandPalette } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { linkIcon } from '@jupyterlab/ui-components';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import { DisposableSet, type IDisposable } from '@lumino/disposable';

import { checkpointIcon, restoreIcon } from './icons';
import type { NotebookRecord } from './model/notebookrecord';
import { copyLink } from './runlinks';
import { CommandIDs, type IRuntrack } from './tokens';
import { showCheckpointPopover } from './views/checkpointpopover';
import { showRestoreDialog } from './views/restoredialog';

export interface ICommandOptions {
  readonly app: JupyterFrontEnd;
  readonly runtrack: IRuntrack;
  readonly trans: TranslationBundle;
  readonly palette: ICommandPalette | null;
}

/** The run or step that a command is about: from its arguments, else under the context menu. */
function idOf(
  app: JupyterFrontEnd,
  args: ReadonlyPartialJSONObject,
  kind: 'run' | 'any'
): string | null {
  if (typeof args['id'] === 'string') {
    return args['id'];
  }
  const node = app.contextMenuHitTest(
    element => Boolean(element.dataset['runId']) || Boolean(element.dataset['stepId'])
  );
  return node?.dataset['runId'] ?? (kind === 'any' ? node?.dataset['stepId'] : undefined) ?? null;
}

/** The notebook that a command is about: the one at `path`, else the one in front. */
function recordOf(runtrack: IRuntrack, args: ReadonlyPartialJSONObject): NotebookRecord | null {
  const path = args['path'];
  return typeof path === 'string' ? runtrack.records.at(path) : runtrack.records.current;
}

function addRecording(options: ICommandOptions): IDisposable[] {
  const { app, runtrack, trans } = options;
  const { commands } = app;
  const { actions, records } = runtrack;
  const isRecording = (): boolean => records.current?.recording === 'on';
  return [
    commands.addCommand(CommandIDs.checkpoint, {
      label: args => (args['toolbar'] ? trans.__('Checkpoint') : trans.__('Checkpoint Notebook')),
      caption: trans.__('Seal the steps since the last run into a run you can go back to'),
      icon: checkpointIcon,
      isEnabled: isRecording,
      execute: async args => {
        const record = recordOf(runtrack, args);
        if (record !== null) {
          await actions.checkpoint(record, String(args['message'] ?? ''));
        }
      }
    }),
    commands.addCommand(CommandIDs.checkpointMessage, {
      label: args => (args['toolbar'] ? '' : trans.__('Checkpoint Notebook with a Message…')),
      caption: trans.__('Checkpoint with a message'),
      icon: args => (args['toolbar'] ? undefined : checkpointIcon),
      isEnabled: isRecording,
      execute: () => {
        const record = records.current;
        if (record !== null) {
          showCheckpointPopover({
            trans,
            count: record.steps.length,
            onAccept: message => void actions.checkpoint(record, message)
          });
        }
      }
    }),
    commands.addCommand(CommandIDs.undoCell, {
      label: trans.__('Undo Last Cell'),
      caption: trans.__('Put the variables back to before the last cell; files it wrote stay'),
      isEnabled: () => isRecording() && records.current?.position.head_step !== null,
      execute: async () => {
        const record = records.current;
        if (record !== null) {
          await actions.undo(record);
        }
      }
    }),
    commands.addCommand(CommandIDs.toggleRecording, {
      label: () =>
        records.current?.recording === 'off'
          ? trans.__('Resume Recording in This Notebook')
          : trans.__('Pause Recording in This Notebook'),
      isEnabled: () => records.current !== null && records.current.recording !== 'absent',
      execute: async () => {
        const record = records.current;
        if (record !== null) {
          await actions.setEnabled(record, record.recording === 'off');
        }
      }
    })
  ];
}

function addBrowsing(options: ICommandOptions): IDisposable[] {
  const { app, runtrack, trans } = options;
  const { commands } = app;
  return [
    commands.addCommand(CommandIDs.restore, {
      label: trans.__('Restore…'),
      icon: restoreIcon,
      isEnabled: () => runtrack.records.current !== null,
      execute: async args => {
        const id = idOf(app, args, 'any');
        const record = recordOf(runtrack, args);
        if (id !== null && record !== null) {
          await showRestoreDialog({ app, runtrack, trans, record, id });
        }
      }
    }),
    commands.addCommand(CommandIDs.openCopy, {
      label: trans.__('Open as a Copy'),
      isEnabled: () => runtrack.records.current !== null,
      execute: async args => {
        const id = idOf(app, args, 'any');
        const record = recordOf(runtrack, args);
        if (id !== null && record !== null) {
          const path = await runtrack.api.copy(id, record.path);
          await commands.execute('docmanager:open', { path });
        }
      }
    }),
    commands.addCommand(CommandIDs.copyId, {
      label: trans.__('Copy Run Id'),
      execute: args => {
        const id = idOf(app, args, 'run');
        if (id !== null) {
          Clipboard.copyToSystem(id);
        }
      }
    }),
    commands.addCommand(CommandIDs.copyLink, {
      label: trans.__('Copy Link'),
      caption: trans.__('Copy a link that opens JupyterLab at this run'),
      icon: linkIcon,
      execute: args => {
        const id = idOf(app, args, 'run');
        if (id !== null) {
          copyLink(id, trans);
        }
      }
    })
  ];
}

/** Add the commands that need no shell; those of the panel and the run page come with them. */
export function addCommands(options: ICommandOptions): IDisposable {
  const { palette, trans } = options;
  const added = [...addRecording(options), ...addBrowsing(options)];
  if (palette !== null) {
    const category = trans.__('Runs');
    for (const command of [
      CommandIDs.checkpoint,
      CommandIDs.checkpointMessage,
      CommandIDs.undoCell,
      CommandIDs.toggleRecording
    ]) {
      added.push(palette.addItem({ command, category }));
    }
  }
  return DisposableSet.from(added);
}
