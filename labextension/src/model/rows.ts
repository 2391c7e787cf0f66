/** The history as a flat list of rows of known heights, so that only what is seen is drawn. */

import type { IGap, IRun, IStep } from '../records';
import { dayKey } from './format';
import { layOut, type IRailRow } from './rail';

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

/** The rows of the whole history; the rail is left out while a query hides some runs. */
export function rowsOf(input: IRowsInput): readonly Row[] {
  const rows: Row[] = input.now === null ? [] : rowsOfNow(input.now);
  const complete = input.shown.length === input.runs.length;
  const rail = complete ? layOut(input.runs, input.head, input.now !== null) : [];
  let day = '';
  let before: IRailRow | null = null;
  input.shown.forEach((run, i) => {
    const own = complete ? rail[i] : null;
    if (dayKey(run.created_at) !== day) {
      day = dayKey(run.created_at);
      const passing = own === null ? null : { ...own, below: own.above, joins: [] };
      const key = `day/${day}/${i}`;
      rows.push({ kind: 'day', key, height: HEIGHT.day, at: run.created_at, rail: passing });
    }
    const expanded = input.expanded.has(run.run_id);
    const height = isLine(run) ? HEIGHT.automatic : HEIGHT.run;
    rows.push({ kind: 'run', key: run.run_id, height, run, rail: own, expanded, position: i + 1 });
    before = own;
    if (expanded) {
      rows.push(...rowsWithin(run, before, input));
    }
  });
  return rows;
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
  return row.kind === 'now' || row.kind === 'run' || row.kind === 'step';
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
