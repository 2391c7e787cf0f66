/** What the restore dialog asks the kernel for. */

import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';

import type { IRestorePlan, RuntrackApi } from '../src/api';
import { RestoringModel } from '../src/model/restoring';

const PLAN: IRestorePlan = {
  id: 'r1',
  kind: 'run',
  title: '#12 “GBM”',
  document_origin: 'live',
  variables: { total: 3, restorable: 1, size: 8 },
  gaps: [
    { subject: 'con', kind: 'unpicklable', reason: 'a socket: cannot be saved' },
    { subject: 'rows', kind: 'unpicklable', reason: 'a generator: cannot be saved' },
    { subject: 'pairs', kind: 'unpicklable', reason: 'a generator: cannot be saved' }
  ],
  rebuilds: [
    { name: 'pairs', how: 'running cells [3] and [4]', steps: ['s3', 's4'] },
    { name: 'rows', how: 'running cell [3]', steps: ['s3'] }
  ],
  files: [],
  warnings: []
};

async function loaded(): Promise<RestoringModel> {
  const api = { restorePlan: () => Promise.resolve(PLAN) } as unknown as RuntrackApi;
  const model = new RestoringModel('r1', true, api);
  await model.load();
  return model;
}

test('everything that can be made again is, unless it is left out', async () => {
  const model = await loaded();

  equal(model.rebuild, true);
  equal(model.isRebuilt('rows'), true);
  equal(model.isRebuilt('con'), false);
  equal(model.rebuildOf('con'), null);

  model.setRebuilt('rows', false);
  deepEqual(model.rebuild, ['pairs']);
  equal(model.isRebuilt('rows'), false);

  model.setRebuilt('rows', true);
  equal(model.rebuild, true);
});

test('with all of it left out the kernel is asked for none', async () => {
  const model = await loaded();

  model.setRebuilt('rows', false);
  model.setRebuilt('pairs', false);

  deepEqual(model.rebuild, []);
  deepEqual(model.rebuilds, []);
});
