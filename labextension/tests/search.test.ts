import assert from 'node:assert/strict';
import { test } from 'node:test';

import { matches, nearest, words } from '../src/model/search';
import { makeRun, makeStep } from './make';

const run = makeRun('01JDABCDEFGHJKMNPQRS4F1C9AB2', null, {
  message: 'GBM baseline for review',
  ordinal: 12,
  metrics: [{ name: 'accuracy', value: 0.8214 }]
});
const steps = [makeStep('s', 'df = pd.read_csv(DATA)', { changed: ['df', 'con'] })];

test('every word must be found, in any case and any part of the run', () => {
  for (const query of ['gbm REVIEW', '#12', '4f1c', 'accuracy', '0.8214', 'read_csv', 'con', '']) {
    assert.ok(matches(words(query), run, steps), query);
  }
  assert.ok(!matches(words('gbm forest'), run, steps));
});

test('steps that were not read yet do not hide what the list itself says', () => {
  assert.ok(matches(words('baseline'), run, undefined));
  assert.ok(!matches(words('read_csv'), run, undefined));
});

test('a misspelt name leads to the right one, a stranger to none', () => {
  assert.equal(nearest('acuracy', ['auc', 'accuracy', 'f1']), 'accuracy');
  assert.equal(nearest('learning_rate', ['auc', 'f1']), null);
});
