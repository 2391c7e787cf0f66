/** Records for the tests, with what they leave out filled in. */

import type { IRun, IStep } from '../src/records';

export function makeRun(id: string, parent: string | null, more: Partial<IRun> = {}): IRun {
  return {
    run_id: id,
    session_id: 's',
    notebook_id: 'n',
    created_at: '2026-11-23T10:00:00Z',
    author: { name: 'Maya' },
    parent_runs: parent === null ? [] : [parent],
    ...more
  };
}

export function makeStep(id: string, source: string, more: Partial<IStep> = {}): IStep {
  return {
    step_id: id,
    session_id: 's',
    parent_step: null,
    sequence: 1,
    source,
    started_at: '2026-11-23T10:00:00Z',
    status: 'ok',
    ...more
  };
}
