/** Links to runs: copied from menus, and followed when Lab opens with one. */

import type { IRouter, JupyterFrontEnd } from '@jupyterlab/application';
import { Clipboard, Notification } from '@jupyterlab/apputils';
import { PageConfig } from '@jupyterlab/coreutils';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { INotebookSummary, RuntrackApi } from './api';
import { askedRun, linkTo, withoutRun } from './model/runlink';
import { CommandIDs, type IRuntrack } from './tokens';

/** Notebook 7 shows run pages beside its file browser; its other pages hold one document each. */
function application(): string {
  return PageConfig.getOption('notebookPage') === '' ? 'lab' : 'tree';
}

/** Put the link to a run on the clipboard; on a hub, the form that leads each reader to their own server. */
export function copyLink(run_id: string, trans: TranslationBundle): void {
  Clipboard.copyToSystem(linkTo(run_id, PageConfig.getShareUrl(), application()));
  Notification.info(trans.__('Link copied'), { autoClose: 3000 });
}

/** The whole id and the notebook of the run that a link names; the text itself where there is no such run. */
async function resolve(api: RuntrackApi, asked: string): Promise<{ id: string; path: string }> {
  try {
    const { run } = await api.run(asked);
    const notebooks = await api.notebooks().catch((): INotebookSummary[] => []);
    const notebook = notebooks.find(each => each.notebook_id === run.notebook_id);
    return { id: run.run_id, path: notebook?.path ?? '' };
  } catch {
    return { id: asked, path: '' }; // the page asks again, and says what is wrong
  }
}

/** Open the run that the address asks for, and take it out of the address. */
export function followLinks(
  app: JupyterFrontEnd,
  runtrack: IRuntrack,
  router: IRouter,
  trans: TranslationBundle
): void {
  app.commands.addCommand(CommandIDs.followLink, {
    label: trans.__('Follow a Link to a Run'),
    isVisible: () => false,
    execute: async args => {
      const asked = askedRun(String(args['search'] ?? ''));
      const { pathname, search, hash } = window.location;
      // Not by the router, which would leave the link in the history: Back would open the run again.
      window.history.replaceState({}, '', `${pathname}${withoutRun(search)}${hash}`);
      if (asked === null) {
        return;
      }
      if (!(await runtrack.ready)) {
        Notification.warning(
          trans.__(
            'This link is to a run, but this server has no Runtrack: pip install runtrack_jupyter'
          ),
          { autoClose: false }
        );
        return;
      }
      // The tabs of the last time come back first, so that the run is in front of them.
      const [found] = await Promise.all([resolve(runtrack.api, asked), app.restored]);
      await app.commands.execute(CommandIDs.openRun, found);
    }
  });
  router.register({ command: CommandIDs.followLink, pattern: /[?&]runtrack=/, rank: 200 });
}
