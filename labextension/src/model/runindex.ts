/** Runs by their id, and what they come from. */

import type { IRun, Scalar } from '../records';
import { lastValues } from './format';

/** How many runs above one are asked for the value that a metric had. */
const LOOK_BACK = 20;

export class RunIndex {
  constructor(readonly runs: readonly IRun[]) {
    this._byId = new Map(runs.map(run => [run.run_id, run]));
  }

  get(id: string): IRun | null {
    return this._byId.get(id) ?? null;
  }

  /** What a metric was before `run`: in the nearest run above that has it. */
  before(run: IRun, metric: string): Scalar | undefined {
    let parent = this.get(run.parent_runs?.[0] ?? '');
    for (let i = 0; parent !== null && i < LOOK_BACK; i++) {
      const entry = lastValues(parent.metrics).get(metric);
      if (entry !== undefined) {
        return entry.value;
      }
      parent = this.get(parent.parent_runs?.[0] ?? '');
    }
    return undefined;
  }

  private readonly _byId: ReadonlyMap<string, IRun>;
}
