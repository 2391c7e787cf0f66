/**
 * The language of the search: text, `accuracy > 0.82`, `changed:df`, `file:x.csv`, `author:Maya`,
 * `label:review`. A run answers a query when it answers every term of it.
 */

import { shortId } from '../ulid';
import type { IRun } from '../records';
import { lastValues, scalar } from './format';
import { labelText, parseLabel } from './labels';

export type Key = 'changed' | 'file' | 'author' | 'label';
export type Sign = '<' | '<=' | '>' | '>=' | '=' | '!=';

export type Term =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'key'; readonly key: Key; readonly value: string }
  | {
      readonly kind: 'comparison';
      readonly name: string;
      readonly sign: Sign;
      readonly value: string;
    };

const VALUE = String.raw`"[^"]*"|[^\s"]+`;
const TERM = new RegExp(
  [
    String.raw`(?<key>changed|file|author|label):(?<keyed>${VALUE})`,
    String.raw`(?<name>[\p{L}_][\p{L}\p{N}_.]*)\s*(?<sign><=|>=|!=|==?|<|>)\s*(?<value>${VALUE})`,
    `(?<text>${VALUE})`
  ].join('|'),
  'gu'
);

function bare(text: string): string {
  return text.replace(/^"|"$/g, '');
}

/** Cut a query into its terms; words in quotes stay together. */
export function termsOf(query: string): readonly Term[] {
  return Array.from(query.matchAll(TERM), ({ groups = {} }): Term => {
    const { key, keyed, name, sign, value, text } = groups;
    if (key !== undefined) {
      return { kind: 'key', key: key as Key, value: bare(keyed) };
    }
    if (name !== undefined) {
      const plain = sign === '==' ? '=' : (sign as Sign);
      return { kind: 'comparison', name, sign: plain, value: bare(value) };
    }
    return { kind: 'text', text: bare(text) };
  }).filter(term => term.kind !== 'text' || term.text !== '');
}

function quoted(text: string): string {
  return /\s/.test(text) ? `"${text}"` : text;
}

/** A term as it can be typed. */
export function termText(term: Term): string {
  switch (term.kind) {
    case 'text':
      return quoted(term.text);
    case 'key':
      return `${term.key}:${quoted(term.value)}`;
    case 'comparison':
      return `${term.name} ${term.sign} ${quoted(term.value)}`;
  }
}

/** Whether only the server knows all runs that answer a term: it has their steps and variables. */
export function needsServer(term: Term): boolean {
  return term.kind !== 'key' || term.key === 'changed' || term.key === 'file';
}

/** The term as the server is asked for it. */
export function serverTerm(term: Term): string {
  return term.kind === 'text'
    ? term.text
    : term.kind === 'key'
      ? `${term.key}:${term.value}`
      : `${term.name} ${term.sign} ${term.value}`;
}

function textOf(run: IRun): string {
  const measured = [...(run.parameters ?? []), ...(run.metrics ?? [])];
  return [
    run.message ?? '',
    run.automatic ?? '',
    run.author.name,
    typeof run.ordinal === 'number' ? `#${run.ordinal}` : '',
    run.run_id,
    shortId(run.run_id),
    ...measured.map(entry => `${entry.name} ${String(entry.value)}`),
    ...(run.labels ?? []).map(labelText),
    ...(run.notes ?? []).map(note => note.text)
  ]
    .join('\n')
    .toLowerCase();
}

const HOLDS: Readonly<Record<Sign, (a: number, b: number) => boolean>> = {
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
  // Numbers are asked for as they are shown: with four decimals.
  '=': (a, b) => a === b || scalar(a) === scalar(b),
  '!=': (a, b) => a !== b && scalar(a) !== scalar(b)
};

function answersComparison(term: Term & { kind: 'comparison' }, run: IRun): boolean {
  const values = lastValues([...(run.parameters ?? []), ...(run.metrics ?? [])]);
  const value = values.get(term.name)?.value;
  const wanted = Number(term.value);
  if (typeof value === 'number' && term.value !== '' && !Number.isNaN(wanted)) {
    return HOLDS[term.sign](value, wanted);
  }
  if (value === undefined || (term.sign !== '=' && term.sign !== '!=')) {
    return false;
  }
  const same = String(value).toLowerCase() === term.value.toLowerCase();
  return same === (term.sign === '=');
}

function hasLabel(run: IRun, text: string): boolean {
  const wanted = parseLabel(text);
  const lower = (value: unknown): string => String(value).toLowerCase();
  return (run.labels ?? []).some(
    label =>
      wanted !== null &&
      lower(label.name) === lower(wanted.name) &&
      (wanted.value === true || lower(label.value) === lower(wanted.value))
  );
}

/** Whether a run answers a term by what its list tells; the server may know more of it. */
export function answers(term: Term, run: IRun): boolean {
  switch (term.kind) {
    case 'text':
      return textOf(run).includes(term.text.toLowerCase());
    case 'comparison':
      return answersComparison(term, run);
    case 'key':
      if (term.key === 'author') {
        return run.author.name.toLowerCase().includes(term.value.toLowerCase());
      }
      return term.key === 'label' && hasLabel(run, term.value);
  }
}

/** The name that could have been meant by one that nothing answers to. */
export function nearest(word: string, names: Iterable<string>): string | null {
  let best: string | null = null;
  let least = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const name of names) {
    const distance = edits(word.toLowerCase(), name.toLowerCase());
    if (distance < least && distance > 0) {
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
