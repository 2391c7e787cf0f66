/** After Run All: one automatic run when the last queued cell has ended, well or not. */

import type { CommandRegistry } from '@lumino/commands';

import type { Actions } from './actions';
import type { RecordTracker } from './model/tracker';

const RUN_ALL = new Set(['notebook:run-all-cells', 'notebook:restart-run-all']);

export interface IAfterRunAllOptions {
  readonly commands: CommandRegistry;
  readonly records: RecordTracker;
  readonly actions: Actions;
  readonly isOn: () => boolean;
}

export function checkpointAfterRunAll(options: IAfterRunAllOptions): void {
  const { commands, records, actions, isOn } = options;
  commands.commandExecuted.connect((_, { id, result }) => {
    const record = records.current;
    if (!RUN_ALL.has(id) || record === null) {
      return;
    }
    const seal = async (): Promise<void> => {
      // The last notices may still be under way when the last reply is here.
      await record.settled();
      if (isOn() && record.recording === 'on' && record.position.steps.length > 0) {
        await actions.checkpoint(record, '', 'after Run All');
      }
    };
    // An error or an interrupt ends Run All too.
    void result.then(seal, seal);
  });
}
