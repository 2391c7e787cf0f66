/**
 * The branch rail: which lane a run is on and which lines pass its row.
 *
 * Lane 0 is the path that leads to Now; other branches take the first lane that is free. Runs come
 * newest first, so a line goes down from a run to its parent.
 */

import type { IRun } from '../records';

/** So many lanes are drawn; runs on lanes beyond are folded into "+2 branches" until asked for. */
export const LANES = 3;
/** Also when all branches are shown, more lanes than this share the last one. */
export const MOST_LANES = 8;

export interface IRailRow {
  readonly lane: number;
  /** The run lies on the path to Now. */
  readonly onPath: boolean;
  /** It came from no run: its branch begins here, as in a fresh kernel. */
  readonly isRoot: boolean;
  /** Lanes with a line through the upper half of the row, and through the lower half. */
  readonly above: readonly boolean[];
  readonly below: readonly boolean[];
  /** Lanes whose line bends into this run: it is where they branched off. */
  readonly joins: readonly number[];
}

/** The runs from `head` up to the first one, by id. */
export function pathTo(head: string | null, runs: ReadonlyMap<string, IRun>): ReadonlySet<string> {
  const path = new Set<string>();
  let current = head;
  while (current !== null && !path.has(current) && runs.has(current)) {
    path.add(current);
    current = runs.get(current)?.parent_runs?.[0] ?? null;
  }
  return path;
}

function freeLane(awaited: readonly (string | null)[]): number {
  const free = awaited.indexOf(null, 1);
  return free === -1 ? MOST_LANES - 1 : free;
}

/**
 * Lay out the rail of `runs`, newest first.
 *
 * `head` is the run that Now came from, null where it came from none; undefined (no kernel) stands
 * for the newest run. `now` says whether a line comes down from the Now row.
 */
export function layOut(
  runs: readonly IRun[],
  head: string | null | undefined,
  now: boolean
): readonly IRailRow[] {
  const byId = new Map(runs.map(run => [run.run_id, run]));
  const known = head === undefined ? (runs[0]?.run_id ?? null) : head;
  const path = pathTo(known, byId);
  const awaited: (string | null)[] = Array.from({ length: MOST_LANES }, () => null);
  awaited[0] = now && known !== null && byId.has(known) ? known : null;
  return runs.map(run => {
    const onPath = path.has(run.run_id);
    const waiting = awaited.map((id, lane) => (id === run.run_id ? lane : -1)).filter(i => i >= 0);
    const lane = onPath ? 0 : (waiting.find(i => i > 0) ?? freeLane(awaited));
    const above = awaited.map(id => id !== null);
    const joins = waiting.filter(i => i !== lane);
    for (const i of waiting) {
      awaited[i] = null;
    }
    const parent = run.parent_runs?.[0] ?? null;
    const isRoot = parent === null || !byId.has(parent);
    awaited[lane] = isRoot ? awaited[lane] : parent;
    return { lane, onPath, isRoot, above, below: awaited.map(id => id !== null), joins };
  });
}
