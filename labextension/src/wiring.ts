/** What happens in notebooks and on the server, led to the records. */

import type { INotebookTracker, Notebook, NotebookActions } from '@jupyterlab/notebook';

import type { NotebookRecord } from './model/notebookrecord';
import type { RecordTracker } from './model/tracker';
import type { IRuntrack } from './tokens';

type Executions = Pick<typeof NotebookActions, 'executionScheduled' | 'executed'>;

/** Bind the notebook at its first executed cell, and post its cells after every execution. */
export function followExecutions(
  records: RecordTracker,
  notebooks: INotebookTracker,
  executions: Executions
): void {
  const recordOf = (notebook: Notebook): NotebookRecord | null => {
    const panel = notebooks.find(candidate => candidate.content === notebook);
    return panel ? records.of(panel) : null;
  };
  executions.executionScheduled.connect((_: unknown, args: { notebook: Notebook }) => {
    void recordOf(args.notebook)?.bind();
  });
  executions.executed.connect((_: unknown, args: { notebook: Notebook }) => {
    const record = recordOf(args.notebook);
    void record?.bind();
    record?.postCells();
  });
}

/** Listen for the notebook in front, and carry out what a kernel or a terminal asks of a tab. */
export function followEvents(runtrack: IRuntrack): void {
  const { actions, events, records } = runtrack;
  const subscribe = (): void => events.subscribe(records.current?.path ?? null);
  void runtrack.ready.then(ready => {
    if (!ready) {
      events.dispose();
      return;
    }
    subscribe();
    records.currentChanged.connect(subscribe);
  });
  records.each(record => {
    record.documentAsked.connect((_, { command_id, id }) => {
      void actions.restoreDocument(record, command_id, id);
    });
    record.context.pathChanged.connect(subscribe);
  });
  events.received.connect((_, event) => {
    if (event.type === 'changed') {
      void records.current?.refreshHead();
      return;
    }
    const record = event.path === undefined ? records.current : records.at(event.path);
    if (record !== null) {
      void actions.restoreDocument(record, event.command_id, event.id);
    }
  });
}
