/** Reads the runs of one notebook, or of all, page by page. */

import type { RuntrackApi } from '../api';
import type { IRun } from '../records';
import type { IWhere } from './found';

/** The first page is shown while the others are read, in as few requests as the server allows. */
const FIRST_PAGE = 200;
const PAGE = 1000;

/**
 * Read all runs, newest first.
 *
 * `onFirst` gets the first page where there are more; `isWanted` says whether anybody still waits.
 */
export async function readRuns(
  api: RuntrackApi,
  where: IWhere,
  onFirst: (runs: readonly IRun[]) => void,
  isWanted: () => boolean
): Promise<readonly IRun[]> {
  const runs: IRun[] = [];
  let cursor: string | null = null;
  do {
    const limit: number = cursor === null ? FIRST_PAGE : PAGE;
    const page: Awaited<ReturnType<RuntrackApi['runs']>> = await api.runs({
      ...where,
      cursor,
      limit
    });
    runs.push(...page.runs);
    if (cursor === null && page.cursor !== null && isWanted()) {
      onFirst([...runs]);
    }
    cursor = page.cursor;
  } while (cursor !== null && isWanted());
  return runs;
}
