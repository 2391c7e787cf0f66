/** The commands of the run menu that say something of a run. */

import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { TranslationBundle } from '@jupyterlab/translation';
import { editIcon, tagIcon } from '@jupyterlab/ui-components';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import { DisposableSet, type IDisposable } from '@lumino/disposable';

import { starIcon } from './icons';
import type { HistoryModel } from './model/history';
import { CommandIDs, type IRuntrack } from './tokens';
import { showAnnotatePopover } from './views/annotatepopover';

export interface IAnnotatingOptions {
  readonly app: JupyterFrontEnd;
  readonly runtrack: IRuntrack;
  readonly model: HistoryModel;
  readonly trans: TranslationBundle;
}

/**
 * The run that a command is about: named, or in the row that has the focus (`focused`, as the
 * shortcuts say), else under the context menu.
 */
function runOf(app: JupyterFrontEnd, args: ReadonlyPartialJSONObject): string | null {
  if (typeof args['id'] === 'string') {
    return args['id'];
  }
  if (args['focused']) {
    return (document.activeElement as HTMLElement | null)?.dataset['runId'] ?? null;
  }
  const node = app.contextMenuHitTest(element => Boolean(element.dataset['runId']));
  return node?.dataset['runId'] ?? null;
}

/** Add the commands; they act on the rows of the panel that shows `model`. */
export function addAnnotating(options: IAnnotatingOptions): IDisposable {
  const { app, runtrack, model, trans } = options;
  const { commands } = app;
  const { actions } = runtrack;
  const withRun =
    (act: (id: string) => void) =>
    (args: ReadonlyPartialJSONObject): void => {
      const id = runOf(app, args);
      if (id !== null) {
        act(id);
      }
    };
  const isStarred = (args: ReadonlyPartialJSONObject): boolean =>
    model.run(runOf(app, args) ?? '')?.starred === true;
  return DisposableSet.from([
    commands.addCommand(CommandIDs.rename, {
      label: trans.__('Edit Message'),
      icon: editIcon,
      execute: withRun(id => {
        model.renaming = id;
      })
    }),
    commands.addCommand(CommandIDs.label, {
      label: trans.__('Labels…'),
      icon: tagIcon,
      execute: withRun(id => showAnnotatePopover({ actions, model, trans, id, what: 'label' }))
    }),
    commands.addCommand(CommandIDs.note, {
      label: trans.__('Notes…'),
      execute: withRun(id => showAnnotatePopover({ actions, model, trans, id, what: 'note' }))
    }),
    commands.addCommand(CommandIDs.star, {
      label: args => (isStarred(args) ? trans.__('Remove Star') : trans.__('Star')),
      icon: starIcon,
      execute: args => {
        const starred = !isStarred(args);
        withRun(id => void actions.annotate(id, { starred }))(args);
      }
    })
  ]);
}
