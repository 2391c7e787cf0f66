/** Which notebook on record an open document is, when it does not say so itself. */

import type { RuntrackApi } from '../api';

/**
 * Find the id that was used for the notebook at `path`, or null for a notebook that is new.
 *
 * A notebook gets its id with its first executed cell. Where that was never saved, the path still
 * leads to it; but a file written after everything on record is another notebook at the same path.
 */
export async function knownIdentity(
  api: RuntrackApi,
  path: string,
  lastModified: string | undefined
): Promise<string | null> {
  const [now, page] = await Promise.all([api.now(path), api.runs({ path, limit: 1 })]);
  const times = [
    ...now.steps.map(step => step.ended_at ?? step.started_at),
    ...page.runs.map(run => run.created_at)
  ].map(time => new Date(time).getTime());
  const last = Math.max(...times);
  const isOlder = lastModified === undefined || new Date(lastModified).getTime() <= last;
  return times.length > 0 && isOlder ? page.notebook_id : null;
}
