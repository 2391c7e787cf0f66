import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';

import { sha256 } from '../src/digest';
import { highlight } from '../src/model/highlight';
import { shortId, ulid } from '../src/ulid';

test('digests are those of SHA-256, at every length around a block', () => {
  for (const length of [0, 1, 3, 55, 56, 57, 63, 64, 65, 119, 120, 1000]) {
    const text = 'ä€😀x'.repeat(length).slice(0, length);
    assert.equal(
      sha256(text),
      createHash('sha256').update(text, 'utf8').digest('hex'),
      `${length}`
    );
  }
});

test('ids sort by time and are valid ULIDs', () => {
  const ids = [1, 2, 1_700_000_000_000, Date.now()].map(ulid);
  assert.deepEqual([...ids].sort(), ids);
  assert.ok(ids.every(id => /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/.test(id)));
  assert.equal(new Set(Array.from({ length: 100 }, () => ulid(5))).size, 100);
});

test('the short id is the end of an id, because the beginning is a clock', () => {
  assert.equal(shortId('01JDABCDEFGHJKMNPQRS4F1C9AB2'), '4f1c9ab2');
});

test('colouring a line loses no character of it', () => {
  for (const line of [
    'df = f"a{x}"  # why',
    "s = 'open",
    '数 = 3.5e-2 + π',
    'def f(a): return a',
    ''
  ]) {
    const tokens = highlight(line);
    assert.equal(tokens.map(token => token.text).join(''), line);
  }
  const kinds = highlight('def clean(d): return "x"').map(token => token.kind);
  assert.deepEqual(
    kinds.filter(kind => kind !== 'text'),
    ['keyword', 'def', 'keyword', 'string']
  );
});
