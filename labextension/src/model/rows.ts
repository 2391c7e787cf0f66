/** The history as a flat list of rows of known heights, so that only what is seen is drawn. */

import type { IGap, IRun, IStep } from '../records';
import { dayKey } from './format';
import { LANES, layOut, type IRailRow } from './rail';

export const NOW = 'now';

interface IBase {
  readonly key: string;
  readonly height: number;
}

export type Row = IBase &
  (
    | { readonly kind: 'now' }
    | { readonly kind: 'now-note'; readonly gap: IGap }
    | { readonly kind: 'now-actions' }
    | { readonly kind: 'day'; readonly at: string; readonly rail: IRailRow | null }
    | {
        readonly kind: 'run';
        readonly run: IRun;
        readonly rail: IRailRow | null;
        readonly expanded: boolean;
        readonly position: number;
        readonly folded: boolean;
      }
    | {
        /** Runs in a row that made themselves. */
        readonly kind: 'fold';
        readonly runs: readonly IRun[];
        /** How many branches lie on lanes that are not drawn; 0 for runs that made themselves. */
        readonly branches: number;
        readonly rail: IRailRow | null;
        readonly expanded: boolean;
      }
    | {
        readonly kind: 'note';
        readonly run: IRun;
        readonly gap: IGap;
        readonly rail: IRailRow | null;
      }
    | { readonly kind: 'actions'; readonly run: IRun; readonly rail: IRailRow | null }
    | { readonly kind: 'wait'; readonly run: IRun; readonly rail: IRailRow | null }
    | {
        readonly kind: 'step';
        readonly step: IStep;
        readonly run: IRun | null;
        readonly rail: IRailRow | null;
      }
  );

export const HEIGHT = {
  now: 27,
  note: 18,
  nowActions: 38,
  day: 24,
  run: 45,
  automatic: 27,
  step: 19,
  actions: 36
} as const;

export interface INowRows {
  readonly steps: readonly IStep[];
  readonly gaps: readonly IGap[];
  readonly hasActions: boolean;
  readonly expanded: boolean;
}

export interface IRowsInput {
  /** All runs, newest first, and those of them that answer the query. */
  readonly runs: readonly IRun[];
  readonly shown: readonly IRun[];
  /** The run that Now came from; undefined where that is not known. */
  readonly head: string | null | undefined;
  readonly now: INowRows | null;
  /** Runs are missing, or are of several notebooks: no rail is drawn and nothing folded. */
  readonly isPlain: boolean;
  readonly expanded: ReadonlySet<string>;
  readonly steps: ReadonlyMap<string, readonly IStep[]>;
}

/** A gap per row is enough; more of them are on the run page. */
const NOTES = 3;

function rowsOfNow(now: INowRows): Row[] {
  const rows: Row[] = [{ kind: 'now', key: NOW, height: HEIGHT.now }];
  if (now.expanded) {
    for (const step of now.steps) {
      const key = `${NOW}/${step.step_id}`;
      rows.push({ kind: 'step', key, height: HEIGHT.step, step, run: null, rail: null });
    }
  }
  now.gaps.slice(0, NOTES).forEach((gap, i) => {
    rows.push({ kind: 'now-note', key: `${NOW}/gap/${i}`, height: HEIGHT.note, gap });
  });
  if (now.hasActions) {
    rows.push({ kind: 'now-actions', key: `${NOW}/actions`, height: HEIGHT.nowActions });
  }
  return rows;
}

function rowsWithin(run: IRun, rail: IRailRow | null, input: IRowsInput): Row[] {
  const rows: Row[] = [];
  const base = run.run_id;
  (run.gaps ?? []).slice(0, NOTES).forEach((gap, i) => {
    rows.push({ kind: 'note', key: `${base}/gap/${i}`, height: HEIGHT.note, run, gap, rail });
  });
  const steps = input.steps.get(run.run_id);
  if (steps === undefined) {
    rows.push({ kind: 'wait', key: `${base}/wait`, height: HEIGHT.step, run, rail });
  }
  for (const step of steps ?? []) {
    const key = `${base}/${step.step_id}`;
    rows.push({ kind: 'step', key, height: HEIGHT.step, step, run, rail });
  }
  rows.push({ kind: 'actions', key: `${base}/actions`, height: HEIGHT.actions, run, rail });
  return rows;
}

/** Opens all branches, also those on lanes that are not drawn. */
export const BRANCHES = 'branches';

/** How many runs from `start` on lie on lanes beyond those that are drawn. */
function beyond(rail: readonly IRailRow[], start: number): number {
  let end = start;
  while (end < rail.length && rail[end].lane >= LANES) {
    end++;
  }
  return end - start;
}

function rowOfBranches(
  input: IRowsInput,
  rail: readonly IRailRow[],
  start: number,
  count: number
): Row {
  const runs = input.shown.slice(start, start + count);
  const branches = new Set(rail.slice(start, start + count).map(each => each.lane)).size;
  const expanded = input.expanded.has(BRANCHES);
  const key = `${BRANCHES}/${runs[count - 1].run_id}`;
  const passed = passing(rail[start]);
  return { kind: 'fold', key, height: HEIGHT.automatic, runs, branches, rail: passed, expanded };
}

/** So many runs in a row that made themselves are folded into one line. */
const FOLD = 3;

/** How many runs from `start` on can be folded: of one day and one lane, without a branch. */
function foldable(input: IRowsInput, rail: readonly IRailRow[], start: number): number {
  const { shown, head } = input;
  const day = dayKey(shown[start].created_at);
  let end = start;
  while (
    end < shown.length &&
    isLine(shown[end]) &&
    !hasFailed(shown[end]) &&
    shown[end].run_id !== head &&
    dayKey(shown[end].created_at) === day &&
    (end === start || (rail[end].joins.length === 0 && rail[end].lane === rail[start].lane))
  ) {
    end++;
  }
  return end - start >= FOLD ? end - start : 0;
}

/** The rail beside a row that stands above a run and has no node. */
function passing(rail: IRailRow | null): IRailRow | null {
  return rail === null ? null : { ...rail, below: rail.above, joins: [] };
}

/** The rail of runs that are folded into one line. */
function foldedRail(rail: readonly IRailRow[], start: number, count: number): IRailRow | null {
  return { ...rail[start], below: rail[start + count - 1].below };
}

/** The runs that are shown, each with the nearest of them above it as its parent. */
function joined(shown: readonly IRun[], all: readonly IRun[]): readonly IRun[] {
  const byId = new Map(all.map(run => [run.run_id, run]));
  const kept = new Set(shown.map(run => run.run_id));
  return shown.map(run => {
    let parent = run.parent_runs?.[0];
    while (parent !== undefined && !kept.has(parent)) {
      parent = byId.get(parent)?.parent_runs?.[0];
    }
    return parent === run.parent_runs?.[0]
      ? run
      : { ...run, parent_runs: parent === undefined ? [] : [parent] };
  });
}

function rowsOfRun(
  input: IRowsInput,
  index: number,
  rail: IRailRow | null,
  folded: boolean
): readonly Row[] {
  const run = input.shown[index];
  const expanded = input.expanded.has(run.run_id);
  const height = isLine(run) ? HEIGHT.automatic : HEIGHT.run;
  const key = run.run_id;
  const position = index + 1;
  const row: Row = { kind: 'run', key, height, run, rail, expanded, position, folded };
  return expanded ? [row, ...rowsWithin(run, rail, input)] : [row];
}

/**
 * The rows of the whole history.
 *
 * Where automatic runs are left out, the rail leads to the nearest run above that is shown.
 */
export function rowsOf(input: IRowsInput): readonly Row[] {
  const { shown } = input;
  const rows: Row[] = input.now === null ? [] : rowsOfNow(input.now);
  const runs = shown.length === input.runs.length ? shown : joined(shown, input.runs);
  const rail = input.isPlain ? [] : layOut(runs, input.head, input.now !== null);
  let day = '';
  for (let i = 0; i < shown.length;) {
    const at = shown[i].created_at;
    if (dayKey(at) !== day) {
      day = dayKey(at);
      const above = passing(rail[i] ?? null);
      rows.push({ kind: 'day', key: `day/${day}/${i}`, height: HEIGHT.day, at, rail: above });
    }
    const hidden = input.isPlain ? 0 : beyond(rail, i);
    if (hidden > 0) {
      rows.push(rowOfBranches(input, rail, i, hidden));
      for (const end = i + hidden; i < end; i++) {
        rows.push(...(input.expanded.has(BRANCHES) ? rowsOfRun(input, i, rail[i], true) : []));
      }
      continue;
    }
    const count = input.isPlain ? 0 : foldable(input, rail, i);
    if (count === 0) {
      rows.push(...rowsOfRun(input, i, rail[i] ?? null, false));
      i++;
      continue;
    }
    // Named by its oldest run: it stays the same while others come on top.
    const key = `fold/${shown[i + count - 1].run_id}`;
    const expanded = input.expanded.has(key);
    const own = expanded ? passing(rail[i]) : foldedRail(rail, i, count);
    const folded = shown.slice(i, i + count);
    const height = HEIGHT.automatic;
    rows.push({ kind: 'fold', key, height, runs: folded, branches: 0, rail: own, expanded });
    for (const end = i + count; i < end; i++) {
      rows.push(...(expanded ? rowsOfRun(input, i, rail[i], true) : []));
    }
  }
  return rows;
}

/** What is opened with a fold: its own runs, or all branches at once. */
export function foldKey(row: Row & { readonly kind: 'fold' }): string {
  return row.branches > 0 ? BRANCHES : row.key;
}

/** How many lanes the rail needs. */
export function lanesOf(rows: readonly Row[]): number {
  const lanes = rows.map(row => (row.kind === 'run' ? (row.rail?.lane ?? 0) + 1 : 0));
  return lanes.reduce((most, lane) => Math.max(most, lane), 2);
}

/** Automatic runs without a metric of their own take one grey line. */
export function isLine(run: IRun): boolean {
  return Boolean(run.automatic) && !run.message;
}

/** Whether the last step of a run failed; one that was made in the middle of a cell has not. */
export function hasFailed(run: IRun): boolean {
  return run.status === 'error' || run.status === 'interrupted' || run.status === 'died';
}

/** Rows that the arrow keys stop at. */
export function isFocusable(row: Row): boolean {
  return row.kind === 'now' || row.kind === 'run' || row.kind === 'step' || row.kind === 'fold';
}

/** Where every row starts, with the total height as the last entry. */
export function offsets(rows: readonly Row[]): readonly number[] {
  const starts = [0];
  for (const row of rows) {
    starts.push(starts[starts.length - 1] + row.height);
  }
  return starts;
}

/** The rows between two heights: first index, and the index after the last. */
export function visible(
  starts: readonly number[],
  top: number,
  bottom: number
): readonly [number, number] {
  let low = 0;
  let high = Math.max(0, starts.length - 2);
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (starts[middle] <= top) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  let end = low;
  while (end < starts.length - 1 && starts[end] < bottom) {
    end++;
  }
  return [low, end];
}
