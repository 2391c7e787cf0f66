import assert from 'node:assert/strict';
import { test } from 'node:test';

import { askedRun, linkTo, withoutRun } from '../src/model/runlink';

const ID = '01JDABCDEFGHJKMNPQRS4F1C9AB2';

test('a link is what the server is to be shared by, the application, and the run', () => {
  assert.equal(
    linkTo(ID, 'https://hub.example.org/hub/user-redirect', 'lab'),
    `https://hub.example.org/hub/user-redirect/lab?runtrack=${ID}`
  );
  assert.equal(
    linkTo(ID, 'http://localhost:8888/', 'tree'),
    `http://localhost:8888/tree?runtrack=${ID}`
  );
  assert.equal(askedRun(new URL(linkTo('#12', 'http://h/', 'lab')).search), '#12');
});

test('what a query asks for is one short text, or nothing', () => {
  assert.equal(askedRun(`?reset&runtrack=${ID}`), ID);
  assert.equal(askedRun('?runtrack=%2312'), '#12');
  assert.equal(askedRun('?runtrack='), null);
  assert.equal(askedRun('?runtracks=1'), null);
  assert.equal(askedRun(`?runtrack=${'x'.repeat(5000)}`)?.length, 64);
});

test('only our part leaves the query', () => {
  assert.equal(withoutRun(`?runtrack=${ID}`), '');
  assert.equal(withoutRun(`?a=1&runtrack=${ID}&b=%20&runtracks=2`), '?a=1&b=%20&runtracks=2');
  assert.equal(withoutRun('?runtrack'), '');
  assert.equal(withoutRun(''), '');
});
