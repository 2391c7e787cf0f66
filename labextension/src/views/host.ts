/** What the rows of the panel may ask for; the panel's plugin answers. */

import { createContext, useContext } from 'react';

import type { IRun, IStep } from '../records';

export interface IPanelHost {
  openRun(run: IRun): void;
  /** Give a run another message; null leaves it as it is. The row has the focus after. */
  rename(run: IRun, message: string | null): void;
  restoreRun(run: IRun): void;
  restoreStep(step: IStep): void;
  openNotebook(path: string): void;
  checkpoint(): void;
  undo(): void;
  resume(): void;
  pause(): void;
  restartKernel(): void;
  retry(): void;
}

export const HostContext = createContext<IPanelHost | null>(null);

export function useHost(): IPanelHost {
  const host = useContext(HostContext);
  if (host === null) {
    throw new Error('no host around this view');
  }
  return host;
}
