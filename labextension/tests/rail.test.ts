import assert from 'node:assert/strict';
import { test } from 'node:test';

import { layOut, MOST_LANES } from '../src/model/rail';
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

const on = (lanes: readonly boolean[]): number[] => lanes.flatMap((is, lane) => (is ? [lane] : []));

test('lines end at the oldest run', () => {
  const rows = layOut([makeRun('2', '1'), makeRun('1', null)], undefined, false);
  assert.deepEqual([on(rows[1].below), on(rows[0].above)], [[], []]);
});

test('a run that came from none is where a line begins, so that no dot stands alone', () => {
  /** After a restart without a restore, and where the store of the runs before is away. */
  const rows = layOut([makeRun('3', '1'), makeRun('2', 'gone'), makeRun('1', null)], '3', true);
  assert.deepEqual(
    rows.map(row => [row.lane, row.isRoot]),
    [
      [0, false],
      [1, true],
      [0, true]
    ]
  );
  assert.deepEqual(on(rows[1].below), [0]);
});

test('every branch has a lane of its own, and gives it back where it joins', () => {
  const runs = ['d', 'c', 'b', 'a'].map(id => makeRun(id, 'root'));
  const later = makeRun('e', 'root2');
  const rows = layOut(
    [...runs, makeRun('root', 'root2'), later, makeRun('root2', null)],
    'root',
    true
  );
  assert.deepEqual(
    rows.map(row => row.lane),
    [1, 2, 3, 4, 0, 1, 0]
  );
  assert.deepEqual(rows[4].joins, [1, 2, 3, 4]);
});

test('more branches than there can be lanes share the last one', () => {
  const runs = Array.from({ length: 20 }, (_, i) => makeRun(`b${i}`, 'root'));
  const rows = layOut([...runs, makeRun('root', null)], 'root', true);
  assert.equal(Math.max(...rows.map(row => row.lane)), MOST_LANES - 1);
});

test('a cycle in damaged records does not hang the list', () => {
  assert.equal(layOut([makeRun('a', 'b'), makeRun('b', 'a')], 'a', true).length, 2);
});

test('Now that came from no run leaves every run on a branch', () => {
  /** After restoring a step in the middle of the first run there is no run above Now. */
  const rows = layOut([makeRun('2', '1'), makeRun('1', null)], null, true);
  assert.ok(rows.every(row => !row.onPath && row.lane > 0 && !row.above[0] && !row.below[0]));
});
