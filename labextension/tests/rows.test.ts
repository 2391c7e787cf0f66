import assert from 'node:assert/strict';
import { test } from 'node:test';

import { foldKey, lanesOf, offsets, rowsOf, visible, type IRowsInput } from '../src/model/rows';
import { makeRun, makeStep } from './make';

const run = makeRun('r1', null, { message: 'first' });

function input(more: Partial<IRowsInput> = {}): IRowsInput {
  return {
    runs: [run],
    shown: [run],
    head: 'r1',
    now: { steps: [makeStep('s9', 'x = 1')], gaps: [], hasActions: true, expanded: true },
    isPlain: false,
    expanded: new Set(),
    steps: new Map(),
    ...more
  };
}

test('the list begins with Now, its steps and its buttons, then days and runs', () => {
  assert.deepEqual(
    rowsOf(input()).map(row => row.kind),
    ['now', 'step', 'now-actions', 'day', 'run']
  );
});

test('an open run shows its gaps, its steps in true order and its buttons', () => {
  const gap = { subject: 'con', kind: 'unpicklable', reason: 'a connection' };
  const gapped = { ...run, gaps: [gap] };
  const steps = [makeStep('s1', 'a'), makeStep('s2', 'b', { status: 'error' })];
  const rows = rowsOf(
    input({
      runs: [gapped],
      shown: [gapped],
      now: null,
      expanded: new Set(['r1']),
      steps: new Map([['r1', steps]])
    })
  );
  assert.deepEqual(
    rows.map(row => row.kind),
    ['day', 'run', 'note', 'step', 'step', 'actions']
  );
});

test('steps that are still read have a row of their own', () => {
  const kinds = rowsOf(input({ expanded: new Set(['r1']) })).map(row => row.kind);
  assert.ok(kinds.includes('wait'));
});

test('a filtered list draws no rail, since lines would lead to runs that are hidden', () => {
  const other = makeRun('r2', 'r1');
  const rows = rowsOf(input({ runs: [other, run], shown: [run], isPlain: true }));
  const found = rows.find(row => row.kind === 'run');
  assert.ok(found?.kind === 'run' && found.rail === null);
});

test('keys are unique, so that no row takes the place of another', () => {
  const runs = Array.from({ length: 50 }, (_, i) =>
    makeRun(`r${50 - i}`, i < 49 ? `r${49 - i}` : null)
  );
  const expanded = new Set(runs.map(each => each.run_id));
  const steps = new Map(runs.map(each => [each.run_id, [makeStep('same', 'x')]]));
  const keys = rowsOf(input({ runs, shown: runs, expanded, steps })).map(row => row.key);
  assert.equal(new Set(keys).size, keys.length);
});

test('only rows between two heights are drawn, also among thousands', () => {
  const runs = Array.from({ length: 5000 }, (_, i) => makeRun(`r${i}`, null, { message: 'x' }));
  const rows = rowsOf(input({ runs, shown: runs, now: null, head: null }));
  const starts = offsets(rows);
  const [first, end] = visible(starts, 10000, 10600);
  assert.ok(starts[first] <= 10000 && starts[first + 1] > 10000);
  assert.ok(starts[end] >= 10600 && starts[end - 1] < 10600);
  assert.deepEqual(visible(offsets([]), 0, 600), [0, 0]);
});

/** Runs one after the other, newest first, all made by themselves but for those with a message. */
function chain(...messages: string[]): ReturnType<typeof makeRun>[] {
  return messages.map((message, i) =>
    makeRun(`r${i}`, i + 1 < messages.length ? `r${i + 1}` : null, { message, automatic: 'x' })
  );
}

test('three runs in a row that made themselves are one line, which opens', () => {
  const runs = chain('top', '', '', '', 'first');
  const more = { runs, shown: runs, head: 'r0', now: null };
  const rows = rowsOf(input(more));
  assert.deepEqual(
    rows.map(row => row.kind),
    ['day', 'run', 'fold', 'run']
  );
  const fold = rows[2];
  assert.ok(fold.kind === 'fold' && fold.runs.length === 3);
  const open = rowsOf(input({ ...more, expanded: new Set([fold.key]) }));
  assert.equal(open.filter(row => row.kind === 'run').length, 5);
});

test('where the user is, is never folded away', () => {
  const runs = chain('', '', '', 'first');
  const rows = rowsOf(input({ runs, shown: runs, head: 'r1', now: null }));
  assert.ok(!rows.some(row => row.kind === 'fold'));
});

test('hidden runs do not cut the rail: it leads to the nearest run above that is shown', () => {
  const runs = chain('top', '', 'first');
  const rows = rowsOf(input({ runs, shown: [runs[0], runs[2]], head: 'r0', now: null }));
  const lines = rows.map(row => ('rail' in row ? row.rail?.lane : null));
  assert.deepEqual(lines, [0, 0, 0]);
  const [, top] = rows;
  assert.ok(top.kind === 'run' && top.rail?.below[0]);
});

test('branches beyond two are one line, until they are asked for', () => {
  const runs = [
    ...['d', 'c', 'b', 'a'].map(id => makeRun(id, 'root', { message: id })),
    makeRun('root', null, { message: 'root' })
  ];
  const more = { runs, shown: runs, head: 'root' };
  const rows = rowsOf(input(more));
  const shown = rows.flatMap(row => (row.kind === 'run' ? [row.key] : []));
  assert.deepEqual(shown, ['d', 'c', 'root']);
  const fold = rows.find(row => row.kind === 'fold');
  assert.ok(fold?.kind === 'fold' && fold.branches === 2 && lanesOf(rows) === 3);
  const open = rowsOf(input({ ...more, expanded: new Set([foldKey(fold)]) }));
  assert.equal(open.filter(row => row.kind === 'run').length, 5);
  assert.equal(lanesOf(open), 5);
});
