import assert from 'node:assert/strict';
import { test } from 'node:test';

import { layOut } from '../src/model/rail';
import { makeRun } from './make';

test('the path to Now is on lane 0 wherever its runs stand in time', () => {
  // 4 was made from 1 after a restore; 3 and 2 are the branch that was left.
  const runs = [makeRun('4', '1'), makeRun('3', '2'), makeRun('2', '1'), makeRun('1', null)];
  const rows = layOut(runs, '4', true);
  assert.deepEqual(
    rows.map(row => row.lane),
    [0, 1, 1, 0]
  );
  assert.deepEqual(rows[3].joins, [1], 'the branch bends into the run it left');
  assert.ok(
    rows.slice(0, 3).every(row => row.below[0]),
    'lane 0 passes the branch'
  );
});

test('restoring an old run moves lane 0, and the newer runs become a branch', () => {
  const runs = [makeRun('3', '2'), makeRun('2', '1'), makeRun('1', null)];
  const rows = layOut(runs, '1', true);
  assert.deepEqual(
    rows.map(row => row.lane),
    [1, 1, 0]
  );
  assert.ok(rows[0].above[0], 'the line from Now comes down beside them');
  assert.ok(!rows[0].above[1], 'nothing comes from above into the tip of a branch');
});

test('lines end at the oldest run', () => {
  const rows = layOut([makeRun('2', '1'), makeRun('1', null)], undefined, false);
  assert.deepEqual(rows[1].below, [false, false, false]);
  assert.deepEqual(rows[0].above, [false, false, false]);
});

test('a parent that is not listed ends the line instead of leading nowhere', () => {
  /** Runs of a store that is away are not in the list. */
  const rows = layOut([makeRun('2', 'gone')], '2', true);
  assert.deepEqual(rows[0].below, [false, false, false]);
});

test('more than two other branches share the last lane', () => {
  const runs = ['d', 'c', 'b', 'a'].map(id => makeRun(id, 'root'));
  const rows = layOut([...runs, makeRun('root', null)], 'root', true);
  assert.deepEqual(
    rows.map(row => row.lane),
    [1, 2, 2, 2, 0]
  );
});

test('a cycle in damaged records does not hang the list', () => {
  assert.equal(layOut([makeRun('a', 'b'), makeRun('b', 'a')], 'a', true).length, 2);
});

test('Now that came from no run leaves every run on a branch', () => {
  /** After restoring a step in the middle of the first run there is no run above Now. */
  const rows = layOut([makeRun('2', '1'), makeRun('1', null)], null, true);
  assert.ok(rows.every(row => !row.onPath && row.lane > 0 && !row.above[0] && !row.below[0]));
});
