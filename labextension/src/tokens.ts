/** What one plugin of Runtrack gives to the others. */

import { Token } from '@lumino/coreutils';

import type { Actions } from './actions';
import type { RuntrackApi } from './api';
import type { EventStream } from './events';
import type { RecordTracker } from './model/tracker';

export const PLUGIN_ID = 'runtrack-jupyter:plugin';

/** The parts behind every view: server, events, records of the open notebooks, actions. */
export interface IRuntrack {
  readonly api: RuntrackApi;
  readonly events: EventStream;
  readonly records: RecordTracker;
  readonly actions: Actions;
  /** Resolves to false where the server has no Runtrack: then there is no panel and no button. */
  readonly ready: Promise<boolean>;
}

export const IRuntrack = new Token<IRuntrack>(
  'runtrack-jupyter:IRuntrack',
  'The record of what ran in the open notebooks.'
);

export namespace CommandIDs {
  export const checkpoint = 'runtrack:checkpoint';
  export const checkpointMessage = 'runtrack:checkpoint-message';
  export const focusPanel = 'runtrack:focus-panel';
  export const undoCell = 'runtrack:undo-cell';
  export const openRun = 'runtrack:open-run';
  export const restore = 'runtrack:restore';
  export const openCopy = 'runtrack:open-copy';
  export const rename = 'runtrack:rename';
  export const label = 'runtrack:label';
  export const star = 'runtrack:star';
  export const note = 'runtrack:note';
  export const copyId = 'runtrack:copy-id';
  export const copyLink = 'runtrack:copy-link';
  export const followLink = 'runtrack:follow-link';
  export const toggleRecording = 'runtrack:toggle-recording';
}
