import assert from 'node:assert/strict';
import { test } from 'node:test';

import { labelText, parseLabel } from '../src/model/labels';

test('a label is a name, or a name and a value', () => {
  assert.deepEqual(parseLabel(' review '), { name: 'review', value: true });
  assert.deepEqual(parseLabel('kind: baseline'), { name: 'kind', value: 'baseline' });
  assert.deepEqual(parseLabel('seed=3'), { name: 'seed', value: 3 });
  assert.deepEqual(parseLabel('url: http://a=b'), { name: 'url', value: 'http://a=b' });
  assert.deepEqual(parseLabel('done: False'), { name: 'done', value: false });
  assert.equal(parseLabel('  '), null);
  assert.equal(parseLabel(': x'), null);
});

test('what would read back as another text stays text', () => {
  assert.deepEqual(parseLabel('version: 1.10'), { name: 'version', value: '1.10' });
  assert.deepEqual(parseLabel('id: 007'), { name: 'id', value: '007' });
});

test('a label is shown as it was typed', () => {
  for (const text of ['review', 'kind: baseline', 'seed: 3', 'done: False']) {
    const label = parseLabel(text);
    assert.equal(label && labelText(label), text);
  }
});
