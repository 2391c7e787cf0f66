import assert from 'node:assert/strict';
import { test } from 'node:test';

import { RunFilter } from '../src/model/filter';
import { FoundRuns } from '../src/model/found';
import { answers, nearest, termsOf, termText } from '../src/model/search';
import type { RuntrackApi } from '../src/api';
import type { IRun } from '../src/records';
import { makeRun } from './make';

const run = makeRun('01JDABCDEFGHJKMNPQRS4F1C9AB2', null, {
  message: 'GBM baseline for review',
  ordinal: 12,
  author: { name: 'Maya Okafor' },
  metrics: [{ name: 'accuracy', value: 0.82144 }],
  parameters: [{ name: 'kind', value: 'Forest' }],
  labels: [
    { name: 'review', value: true },
    { name: 'phase', value: 'two' }
  ],
  notes: [{ text: 'As shown on Monday', at: '2026-11-23T10:00:00Z' }]
});

const hits = (query: string, of: IRun = run): boolean =>
  termsOf(query).every(term => answers(term, of));

test('every word must be found, in any case and any part of the run', () => {
  for (const query of ['gbm REVIEW', '#12', '4f1c', 'accuracy', '0.8214', 'monday', 'phase', '']) {
    assert.ok(hits(query), query);
  }
  assert.ok(!hits('gbm forest2'));
  assert.ok(hits('"baseline for"') && !hits('"for baseline"'));
});

test('the terms of the language are told from words', () => {
  const kinds = (query: string): string[] => termsOf(query).map(term => term.kind);
  assert.deepEqual(kinds('accuracy > 0.82 changed:df lost'), ['comparison', 'key', 'text']);
  assert.deepEqual(kinds('accuracy>=0.82'), ['comparison']);
  assert.deepEqual(kinds('author:"Maya Okafor"'), ['key']);
  assert.deepEqual(kinds('author:'), ['text']);
  assert.deepEqual(kinds('accuracy >'), ['text', 'text']);
});

test('a term can be typed as it is shown', () => {
  for (const query of ['accuracy > 0.82', 'author:"Maya Okafor"', 'file:x.csv', '"two words"']) {
    assert.deepEqual(termsOf(query).map(termText), [query]);
  }
});

test('numbers are compared, and equal as they are shown', () => {
  assert.ok(hits('accuracy > 0.82') && !hits('accuracy > 0.9') && hits('accuracy = 0.8214'));
  assert.ok(hits('kind = forest') && !hits('kind > 3') && hits('kind != tree'));
  assert.ok(!hits('unknown > 0'));
});

test('authors and labels are looked for by name', () => {
  assert.ok(hits('author:maya') && !hits('author:jonas'));
  assert.ok(hits('label:review') && hits('label:phase=two') && !hits('label:phase=one'));
});

test('a misspelt name leads to the right one, a stranger to none', () => {
  assert.equal(nearest('acuracy', ['auc', 'accuracy', 'f1']), 'accuracy');
  assert.equal(nearest('learning_rate', ['auc', 'f1']), null);
});

/** A filter over a server that knows which runs changed `df`. */
function filter(): { filter: RunFilter; settled: () => Promise<void> } {
  const api = {
    foundRuns: (term: string) =>
      Promise.resolve({ run_ids: term === 'changed:df' ? ['r1'] : [], nearest: 'df' })
  } as unknown as RuntrackApi;
  const found = new FoundRuns(api, () => undefined);
  return {
    filter: new RunFilter(found, () => undefined),
    settled: () => new Promise(resolve => setTimeout(resolve, 250))
  };
}

const runs = [
  makeRun('r2', 'r1', { message: 'second', starred: true }),
  makeRun('r1', 'r0', { automatic: 'after Run All' }),
  makeRun('r0', null, { message: 'first' })
];
const ids = (found: readonly IRun[]): string[] => found.map(each => each.run_id);

test('a term becomes a chip with a space after it, a word with Enter', () => {
  const { filter: tried } = filter();
  tried.text = 'label:review ';
  assert.deepEqual([tried.chips.map(termText), tried.text], [['label:review'], '']);
  tried.text = 'first ';
  assert.equal(tried.chips.length, 1);
  tried.accept();
  assert.deepEqual(tried.chips.map(termText), ['label:review', 'first']);
  tried.reopen();
  assert.equal(tried.text, 'first');
});

test('runs are found by what only the server knows of them', async () => {
  const { filter: tried, settled } = filter();
  tried.text = 'changed:df';
  assert.ok(tried.isWaiting);
  await settled();
  assert.ok(!tried.isWaiting);
  assert.deepEqual(ids(tried.apply(runs, null)), ['r1']);
});

test('a word that no run has is named, with what it could have been', async () => {
  const { filter: tried, settled } = filter();
  tried.text = 'changed:fd';
  await settled();
  const { term, nearest: near } = tried.nothing(runs);
  assert.equal(near, 'df');
  assert.ok(term);
  tried.correct(term, 'df');
  await settled();
  assert.deepEqual(ids(tried.apply(runs, null)), ['r1']);
});

test('sorts of runs are left out, but never the one where the user is', () => {
  const { filter: tried } = filter();
  tried.hidesAutomatic = true;
  assert.deepEqual(ids(tried.apply(runs, null)), ['r2', 'r0']);
  assert.deepEqual(ids(tried.apply(runs, 'r1')), ['r2', 'r1', 'r0']);
  tried.toggle('starred');
  assert.deepEqual(ids(tried.apply(runs, null)), ['r2']);
});
