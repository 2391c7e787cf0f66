/** The text filter over runs: every word of the query must be found somewhere in the run. */

import { shortId } from '../ulid';
import type { IRun, IStep } from '../records';

/** Cut a query into lower-case words. */
export function words(query: string): readonly string[] {
  return query.toLowerCase().split(/\s+/).filter(Boolean);
}

function textOfRun(run: IRun): string {
  const measured = [...(run.parameters ?? []), ...(run.metrics ?? []), ...(run.labels ?? [])];
  return [
    run.message ?? '',
    run.automatic ?? '',
    run.author.name,
    typeof run.ordinal === 'number' ? `#${run.ordinal}` : '',
    run.run_id,
    shortId(run.run_id),
    ...measured.map(entry => `${entry.name} ${String(entry.value)}`)
  ].join('\n');
}

function textOfStep(step: IStep): string {
  return [step.source, step.error ?? '', ...(step.changed ?? []), ...(step.deleted ?? [])].join(
    '\n'
  );
}

/**
 * Whether a run answers the query.
 *
 * `steps` are those of the run where they are known; until then only what the list itself says of
 * the run is looked at.
 */
export function matches(
  query: readonly string[],
  run: IRun,
  steps: readonly IStep[] | undefined
): boolean {
  if (query.length === 0) {
    return true;
  }
  const text = [textOfRun(run), ...(steps ?? []).map(textOfStep)].join('\n').toLowerCase();
  return query.every(word => text.includes(word));
}

/** The names that could have been meant by a word that nothing answers to, nearest first. */
export function nearest(word: string, names: Iterable<string>): string | null {
  let best: string | null = null;
  let least = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const name of names) {
    const distance = edits(word.toLowerCase(), name.toLowerCase());
    if (distance < least) {
      least = distance;
      best = name;
    }
  }
  return best;
}

function edits(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, row[j] + 1, next[j - 1] + 1));
    }
    row = next;
  }
  return row[b.length];
}
