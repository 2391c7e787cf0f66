/** Times, numbers and names as people read them. Pure; sentences come from the caller's bundle. */

import { shortId } from '../ulid';
import type { IMeasured, IRun, IStep, Scalar } from '../records';

/** What the formatters need of a translation bundle. */
export interface ITrans {
  __(msgid: string, ...args: unknown[]): string;
  _n(singular: string, plural: string, n: number, ...args: unknown[]): string;
}

const DAY = 24 * 60 * 60 * 1000;

function midnight(time: Date): number {
  return new Date(time.getFullYear(), time.getMonth(), time.getDate()).getTime();
}

function daysBetween(time: Date, now: Date): number {
  // Rounded, because a day has 23 or 25 hours twice a year.
  return Math.round((midnight(now) - midnight(time)) / DAY);
}

/** Clock today, weekday this week, date after. */
export function shortTime(iso: string, trans: ITrans, now = new Date()): string {
  const time = new Date(iso);
  const days = daysBetween(time, now);
  if (days === 0) {
    return now.getTime() - time.getTime() < 60000 ? trans.__('now') : clock(iso);
  }
  if (days > 0 && days < 7) {
    return time.toLocaleDateString(undefined, { weekday: 'short' });
  }
  return dateOf(time, now);
}

/** Hours and minutes. */
export function clock(iso: string): string {
  return new Date(iso).toLocaleTimeString(undefined, {
    hour: '2-digit',
    minute: '2-digit',
    hour12: false
  });
}

function dateOf(time: Date, now: Date): string {
  const sameYear = time.getFullYear() === now.getFullYear();
  return time.toLocaleDateString(undefined, {
    day: 'numeric',
    month: 'short',
    ...(sameYear ? {} : { year: 'numeric' })
  });
}

/** The heading of a day in the list. */
export function dayTitle(iso: string, trans: ITrans, now = new Date()): string {
  const time = new Date(iso);
  const days = daysBetween(time, now);
  if (days === 0) {
    return trans.__('Today');
  }
  if (days === 1) {
    return trans.__('Yesterday');
  }
  return time.toLocaleDateString(undefined, {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    ...(time.getFullYear() === now.getFullYear() ? {} : { year: 'numeric' })
  });
}

/** A key that is equal for times of one local day. */
export function dayKey(iso: string): string {
  const time = new Date(iso);
  return `${time.getFullYear()}-${time.getMonth() + 1}-${time.getDate()}`;
}

/** The full stamp, for tooltips and headers. */
export function fullTime(iso: string): string {
  return new Date(iso).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
}

/** Seconds to something short: `0.1 s`, `12 s`, `3 min 05 s`. */
export function duration(seconds: number): string {
  if (seconds < 10) {
    return `${seconds.toFixed(1)} s`;
  }
  if (seconds < 60) {
    return `${Math.round(seconds)} s`;
  }
  const whole = Math.round(seconds);
  if (whole < 3600) {
    return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
  }
  return `${Math.floor(whole / 3600)} h ${String(Math.floor((whole % 3600) / 60)).padStart(2, '0')} min`;
}

/** Bytes in decimal units. */
export function bytes(size: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = size;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toPrecision(2)} ${units[unit]}`;
}

/** A value of a parameter or metric: four significant decimals are what people compare. */
export function scalar(value: Scalar): string {
  if (typeof value !== 'number') {
    return value === null
      ? 'None'
      : typeof value === 'boolean'
        ? value
          ? 'True'
          : 'False'
        : value;
  }
  if (Number.isInteger(value)) {
    return String(value);
  }
  const size = Math.abs(value);
  if (size >= 1e6 || size < 1e-4) {
    return value.toExponential(3);
  }
  return size >= 1000 ? value.toFixed(1) : trimmed(value.toFixed(4));
}

function trimmed(text: string): string {
  return text.replace(/(\.\d*?[1-9])0+$/, '$1').replace(/\.0+$/, '');
}

/** How far a metric moved, without its sign, as short as `.0313`. */
export function difference(delta: number): string {
  const size = Math.abs(delta);
  if (size < 1) {
    const fixed = size.toFixed(4);
    return Number(fixed) === 0 ? size.toExponential(0) : fixed.replace(/^0/, '');
  }
  return scalar(size);
}

export type Tone = 'ok' | 'bad' | 'dim';

export interface IChange {
  readonly direction: 'up' | 'down' | 'same';
  readonly text: string;
  readonly tone: Tone;
}

const MORE_IS_BETTER = /acc|auc|f1|score|precision|recall|r2|bleu|rouge|iou|dice|map/i;
const LESS_IS_BETTER = /loss|err|rmse|mae|mse|perplexity|logloss/i;

/** How `value` compares with what it was; null where the two cannot be compared. */
export function changeOf(name: string, value: Scalar, before: Scalar | undefined): IChange | null {
  if (typeof value !== 'number' || typeof before !== 'number') {
    return null;
  }
  if (value === before || (Number.isNaN(value) && Number.isNaN(before))) {
    return { direction: 'same', text: '', tone: 'dim' };
  }
  const up = value > before;
  const good = MORE_IS_BETTER.test(name) ? up : LESS_IS_BETTER.test(name) ? !up : null;
  return {
    direction: up ? 'up' : 'down',
    text: difference(value - before),
    tone: good === null ? 'dim' : good ? 'ok' : 'bad'
  };
}

/** The last value of every name, in the order of first mention: a metric may be a series. */
export function lastValues(measured: readonly IMeasured[] = []): ReadonlyMap<string, IMeasured> {
  const values = new Map<string, IMeasured>();
  for (const entry of measured) {
    values.set(entry.name, entry);
  }
  return values;
}

/** `#12` for people, the short id until the sealer has given a number. */
export function runNumber(run: IRun): string {
  return typeof run.ordinal === 'number' ? `#${run.ordinal}` : shortId(run.run_id);
}

/** The one line that names a run. */
export function runTitle(run: IRun, trans: ITrans): string {
  if (run.message) {
    return run.message;
  }
  return run.automatic ? trans.__('Auto · %1', run.automatic) : trans.__('Checkpoint');
}

/** The first line of a source that says something. */
export function firstLine(source: string): string {
  const lines = source.split('\n').map(line => line.trim());
  return lines.find(line => line !== '' && !line.startsWith('#')) ?? lines[0] ?? '';
}

/** `[12]`, or `[*]` for a cell that runs. */
export function countOf(step: IStep): string {
  if ((step.status ?? 'running') === 'running') {
    return '[*]';
  }
  return `[${step.execution_count ?? ' '}]`;
}
