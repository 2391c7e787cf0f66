/** Runs that have no number yet: the sealer gives it a moment after the checkpoint. */

import { Signal, type ISignal } from '@lumino/signaling';

import type { RuntrackApi } from '../api';
import type { IRun } from '../records';

export function isNumbered(run: IRun): boolean {
  return typeof run.ordinal === 'number';
}

/** Looks for the numbers of runs, whenever the server says that something changed. */
export class Numbers {
  constructor(private readonly _api: RuntrackApi) {}

  readonly numbered: ISignal<this, IRun> = new Signal<this, IRun>(this);

  /** Tell when this run has a number, unless it has one. */
  expect(run_id: string): void {
    this._waiting.add(run_id);
  }

  /** Ask once for every run that waits. */
  async look(): Promise<void> {
    await Promise.all([...this._waiting].map(id => this._ask(id)));
  }

  private async _ask(run_id: string): Promise<void> {
    try {
      const { run } = await this._api.run(run_id);
      if (isNumbered(run) && this._waiting.delete(run_id)) {
        (this.numbered as Signal<this, IRun>).emit(run);
      }
    } catch {
      // Not on disk yet, or no server: the short id is shown until an event says more.
    }
  }

  private readonly _waiting = new Set<string>();
}
