/** Now: the steps that are in no run yet, and what can be done with them. */

import { undoIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { HistoryModel } from '../model/history';
import { runNumber } from '../model/format';
import { checkpointIcon, restoreIcon } from '../icons';
import { useHost } from './host';
import { Button } from './parts';
import { Elapsed } from './steprow';
import { useTrans } from './trans';

export function NowRow({ model }: { readonly model: HistoryModel }): React.JSX.Element {
  const trans = useTrans();
  const { record } = model;
  const count = model.stepsNow.length;
  const head = record?.headRun ?? model.run(model.head ?? '');
  const since =
    count === 0
      ? head === null
        ? trans.__('no step yet')
        : trans.__('no step since %1', runNumber(head))
      : head === null
        ? trans._n('%1 step', '%1 steps', count)
        : trans._n('%1 step since %2', '%1 steps since %2', count, runNumber(head));
  const text = record?.recording === 'no-kernel' ? trans.__('kernel not running') : since;
  return (
    <div className="rt-row-body">
      <div className="rt-line1">
        <span className="rt-grow rt-ellipsis">
          <b className="rt-strong">{trans.__('Now')}</b> · {text}
        </span>
        {record?.running && (
          <span className="rt-time">
            {trans.__('running')} <Elapsed start={record.running.started_at} />
          </span>
        )}
      </div>
    </div>
  );
}

export function NowActions({ model }: { readonly model: HistoryModel }): React.JSX.Element {
  const trans = useTrans();
  const host = useHost();
  if (model.record?.recording === 'no-kernel') {
    return (
      <div className="rt-row-body rt-acts">
        <Button
          icon={restoreIcon}
          label={trans.__('Start a kernel')}
          title={trans.__('Then restore a run to have its variables back')}
          onClick={() => host.restartKernel()}
        />
      </div>
    );
  }
  const none = model.stepsNow.length === 0;
  return (
    <div className="rt-row-body rt-acts">
      <Button
        icon={checkpointIcon}
        label={trans.__('Checkpoint')}
        primary={model.runs.length === 0 && !none}
        onClick={() => host.checkpoint()}
      />
      <Button
        icon={undoIcon}
        label={trans.__('Undo last cell')}
        title={trans.__('Variables go back to before the last cell; files that it wrote stay')}
        disabled={model.record?.position.head_step === null || model.record?.running !== null}
        onClick={() => host.undo()}
      />
    </div>
  );
}
