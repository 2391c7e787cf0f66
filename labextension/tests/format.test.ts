import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  bytes,
  changeOf,
  dayTitle,
  difference,
  duration,
  firstLine,
  lastValues,
  runNumber,
  scalar,
  shortTime,
  type ITrans
} from '../src/model/format';
import { makeRun } from './make';

const trans: ITrans = {
  __: (msgid, ...args) => msgid.replace(/%(\d)/g, (_, i) => String(args[Number(i) - 1])),
  _n: (one, many, n) => (n === 1 ? one : many).replace('%1', String(n))
};

test('a time is a clock today, a weekday this week and a date after', () => {
  const now = new Date(2026, 10, 23, 18, 0);
  const at = (day: number, hour: number): string => new Date(2026, 10, day, hour, 42).toISOString();
  assert.equal(shortTime(at(23, 10), trans, now), '10:42');
  assert.match(shortTime(at(20, 10), trans, now), /^\p{L}+\.?$/u);
  assert.match(shortTime(at(2, 10), trans, now), /2/);
  assert.equal(shortTime(new Date(now.getTime() - 5000).toISOString(), trans, now), 'now');
});

test('days are named by the calendar, not by 24 hours', () => {
  const now = new Date(2026, 10, 23, 0, 30);
  const late = new Date(2026, 10, 22, 23, 50).toISOString();
  assert.equal(dayTitle(late, trans, now), 'Yesterday');
  assert.equal(dayTitle(now.toISOString(), trans, now), 'Today');
});

test('durations and sizes are short', () => {
  assert.deepEqual([0.04, 3.14, 42.4, 185, 7320].map(duration), [
    '0.0 s',
    '3.1 s',
    '42 s',
    '3 min 05 s',
    '2 h 02 min'
  ]);
  assert.deepEqual([0, 999, 1000, 61_000, 41_300_000, 2e9].map(bytes), [
    '0 B',
    '999 B',
    '1.0 kB',
    '61 kB',
    '41 MB',
    '2.0 GB'
  ]);
});

test('numbers keep four decimals and lose idle zeros', () => {
  assert.deepEqual([0.8214, 0.476, 2, 1234.56, 1e-7, true, null, 'adam'].map(scalar), [
    '0.8214',
    '0.476',
    '2',
    '1234.6',
    '1.000e-7',
    'True',
    'None',
    'adam'
  ]);
});

test('a change says its direction, and is good or bad only where that is known', () => {
  /** Less time is not always better, less loss is. */
  assert.deepEqual(changeOf('accuracy', 0.8159, 0.7846), {
    direction: 'up',
    text: '.0313',
    tone: 'ok'
  });
  assert.equal(changeOf('val_loss', 0.2, 0.3)?.tone, 'ok');
  assert.equal(changeOf('fit_seconds', 2.71, 2.79)?.tone, 'dim');
  assert.equal(changeOf('accuracy', 0.5, 0.5)?.direction, 'same');
  assert.equal(changeOf('kind', 'a', 'b'), null);
  assert.equal(difference(-12.5), '12.5');
});

test('of a series the last value counts', () => {
  const series = [1, 2, 3].map(value => ({ name: 'loss', value }));
  assert.equal(lastValues(series).get('loss')?.value, 3);
});

test('a run without a number goes by the end of its id', () => {
  /** The first characters of a ULID are a clock, equal for runs of one hour. */
  assert.equal(runNumber(makeRun('01JDABCDEFGHJKMNPQRS4F1C9AB2', null)), '4f1c9ab2');
  assert.equal(runNumber(makeRun('x', null, { ordinal: 12 })), '#12');
});

test('the first line that says something stands for a cell', () => {
  assert.equal(firstLine('\n# load\n\ndf = read()\n'), 'df = read()');
  assert.equal(firstLine('# only words'), '# only words');
  assert.equal(firstLine(''), '');
});
