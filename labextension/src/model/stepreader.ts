/** The steps of runs that were opened, read once each: a run never changes. */

import type { RuntrackApi } from '../api';
import type { IStep } from '../records';

export class StepReader {
  constructor(
    private readonly _api: RuntrackApi,
    private readonly _changed: () => void
  ) {}

  /** By run id, as far as they have been read. */
  get known(): ReadonlyMap<string, readonly IStep[]> {
    return this._steps;
  }

  /** Why the steps of a run could not be read. */
  get errors(): ReadonlyMap<string, string> {
    return this._errors;
  }

  async read(id: string): Promise<void> {
    if (this._steps.has(id) || this._reading.has(id)) {
      return;
    }
    this._reading.add(id);
    this._errors.delete(id);
    try {
      this._steps.set(id, await this._api.steps(id));
    } catch (error) {
      this._errors.set(id, (error as Error).message);
    }
    this._reading.delete(id);
    this._changed();
  }

  private readonly _errors = new Map<string, string>();
  private readonly _reading = new Set<string>();
  private readonly _steps = new Map<string, readonly IStep[]>();
}
