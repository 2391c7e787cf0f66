/** What the page of a run may ask for; its plugin answers. */

import { createContext } from 'react';

import type { IRunChange } from '../../api';

export interface IRunPageHost {
  restore(id: string): void;
  openRun(id: string): void;
  openNotebook(): void;
  copyLink(id: string): void;
  showRuns(): void;
  canRestore(): boolean;
  annotate(id: string, change: IRunChange): Promise<boolean>;
}

export const PageHostContext = createContext<IRunPageHost | null>(null);
