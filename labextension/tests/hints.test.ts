import assert from 'node:assert/strict';
import { test } from 'node:test';

import { hintsOf, LastRuns, type Hint, type ICellNow } from '../src/model/hints';
import { makeStep } from './make';

/** A notebook: cell id to source; the name that a cell sets and those that it reads are its words. */
class Desk {
  constructor(readonly cells: ICellNow[]) {}

  readonly runs = new LastRuns({ cells: [], names: [], order: 0 });

  /** Run a cell `a = b c`: it sets a and reads b and c. */
  run(
    cell_id: string,
    source = this.cells.find(cell => cell.cell_id === cell_id)?.source ?? ''
  ): this {
    const [set, read = ''] = source.split('=').map(side => side.trim());
    const step = makeStep(`s${++this._count}`, source, {
      cell_id,
      execution_count: this._count,
      names: { read: read.split(' ').filter(Boolean) }
    });
    this.runs.ran(step);
    this.runs.ran({ ...step, changed: [set], captured: true });
    return this;
  }

  hints(cells = this.cells): Record<string, string> {
    const found = [...hintsOf(cells, this.runs)];
    return Object.fromEntries(found.map(([id, hint]) => [id, hint.kind]));
  }

  hint(id: string): Hint | undefined {
    return hintsOf(this.cells, this.runs).get(id);
  }

  private _count = 0;
}

function desk(...sources: string[]): Desk {
  return new Desk(sources.map((source, i) => ({ cell_id: `c${i}`, source })));
}

test('cells that ran from top to bottom have no hint, also when they change a value in place', () => {
  const tried = desk('df = 1', 'df = df', 'df = df', 'x = df')
    .run('c0')
    .run('c1')
    .run('c2')
    .run('c3');
  assert.deepEqual(tried.hints(), {});
});

test('a cell that was edited since it ran says so, until it is run or changed back', () => {
  const tried = desk('a = 1').run('c0');
  assert.deepEqual(tried.hints([{ cell_id: 'c0', source: 'a = 2' }]), { c0: 'edited' });
  assert.deepEqual(tried.hints([{ cell_id: 'c0', source: 'a = 1 ' }]), {});
});

test('a cell is stale when a cell above gives its input another value', () => {
  const tried = desk('seed = 1', 'split = seed', 'model = split', 'other = 3');
  tried.run('c0').run('c1').run('c2').run('c3').run('c0');
  const hint = tried.hint('c1');
  assert.ok(hint?.kind === 'stale' && hint.name === 'seed' && hint.by.execution_count === 5);
  assert.deepEqual(hint.below, ['c1', 'c2'], 'and what rests on it would run with it');
  assert.equal(tried.hint('c2'), undefined, 'its own input is as it was');
  tried.run('c1');
  assert.equal(tried.hint('c1')?.kind, 'order');
  assert.equal(tried.hint('c2')?.kind, 'stale');
  tried.run('c2');
  assert.deepEqual(tried.hints(), { c2: 'order' });
});

test('what cells below do with a value makes no cell stale', () => {
  const tried = desk('a = 1', 'b = a', 'a = b').run('c0').run('c1').run('c2');
  assert.deepEqual(tried.hints(), {});
});

test('a value that came from a cell that was deleted is hidden state', () => {
  const tried = desk('a = 1', 'b = a').run('c0').run('c1');
  assert.deepEqual(tried.hints(tried.cells.slice(1)), { c1: 'hidden' });
});

test('a cell that ran after the next one is out of order, which is only information', () => {
  const tried = desk('a = 1', 'b = 2').run('c1').run('c0');
  assert.deepEqual(tried.hints(), { c0: 'order' });
});
