/** The steps of one notebook as far as this page knows them: told by the kernel, or read. */

import type { Notice } from '../kernel';
import type { IStep } from '../records';

export class LiveSteps {
  /** The step that runs at this moment. */
  get running(): IStep | null {
    return this._running;
  }

  /** The known ones of `ids` in their order, and the one that runs. */
  of(ids: readonly string[]): readonly IStep[] {
    const known = ids.map(id => this._steps.get(id));
    const steps = known.filter((step): step is IStep => step !== undefined);
    return this._running === null ? steps : [...steps, this._running];
  }

  learn(steps: readonly IStep[]): void {
    for (const step of steps) {
      this._steps.set(step.step_id, step);
    }
  }

  started(step: IStep): void {
    this._running = step;
  }

  ended(step: IStep): void {
    this._running = null;
    this._steps.set(step.step_id, step);
  }

  /** What the step changed is known a moment after it ended. */
  captured(notice: Notice & { readonly type: 'captured' }): void {
    const step = this._steps.get(notice.step_id);
    if (step) {
      const { changed, deleted, gaps } = notice;
      this._steps.set(step.step_id, { ...step, changed, deleted, gaps, captured: true });
    }
  }

  /** The kernel is gone, and with it whatever ran. */
  stopped(): void {
    this._running = null;
  }

  private _running: IStep | null = null;
  private readonly _steps = new Map<string, IStep>();
}
