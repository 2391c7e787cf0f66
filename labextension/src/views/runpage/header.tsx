/** Message, identity and main numbers of a run, and the way back to it. */

import { Clipboard } from '@jupyterlab/apputils';
import { copyIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { duration, fullTime, lastValues, runNumber, runTitle, scalar } from '../../model/format';
import type { RunPageModel } from '../../model/runpage';
import { restoreIcon } from '../../icons';
import { shortId } from '../../ulid';
import { Button, IconButton } from '../parts';
import { useTrans } from '../trans';

export interface IRunPageHost {
  restore(id: string): void;
  openRun(id: string): void;
  canRestore(): boolean;
}

export interface IHeaderProps {
  readonly model: RunPageModel;
  readonly host: IRunPageHost;
}

const FACTS = 8;

function Facts({ model }: { readonly model: RunPageModel }): React.JSX.Element | null {
  const run = model.details?.run;
  const metrics = [...lastValues(run?.metrics).values()].map(entry => ({ entry, isMetric: true }));
  const parameters = [...lastValues(run?.parameters).values()].map(entry => ({
    entry,
    isMetric: false
  }));
  const facts = [...metrics, ...parameters].slice(0, FACTS);
  if (facts.length === 0) {
    return null;
  }
  return (
    <div className="rt-facts">
      {facts.map(({ entry, isMetric }, i) => (
        <span key={`${entry.name}${i}`} className={isMetric ? 'rt-fact rt-large' : 'rt-fact'}>
          <i>{entry.name}</i>
          <b>{scalar(entry.value)}</b>
        </span>
      ))}
    </div>
  );
}

function Identity({ model, host }: IHeaderProps): React.JSX.Element | null {
  const trans = useTrans();
  const details = model.details;
  if (details === null) {
    return null;
  }
  const { run, parent } = details;
  const steps = model.steps;
  const took = (steps ?? []).reduce((sum, step) => sum + (step.duration ?? 0), 0);
  return (
    <div className="rt-meta">
      <span>
        <b className="rt-strong">{runNumber(run)}</b>
      </span>
      <span>
        <code>{shortId(run.run_id)}</code>
        <IconButton
          icon={copyIcon}
          label={trans.__('Copy the run id')}
          onClick={() => Clipboard.copyToSystem(run.run_id)}
        />
      </span>
      <span>{run.author.name}</span>
      <time dateTime={run.created_at}>{fullTime(run.created_at)}</time>
      {steps !== null && (
        <span>
          {trans._n('%1 step', '%1 steps', steps.length)}, {duration(took)}
        </span>
      )}
      {parent !== null && (
        <span>
          {trans.__('from')}{' '}
          <button type="button" className="rt-link" onClick={() => host.openRun(parent.run_id)}>
            {runNumber(parent)}
          </button>
        </span>
      )}
      {(run.labels ?? []).map(label => (
        <span key={label.name} className="rt-tag">
          {label.name}: {scalar(label.value)}
        </span>
      ))}
      {run.automatic && <span>{trans.__('made by itself: %1', run.automatic)}</span>}
    </div>
  );
}

export function Header({ model, host }: IHeaderProps): React.JSX.Element {
  const trans = useTrans();
  const run = model.details?.run;
  return (
    <header className="rt-head">
      <div className="rt-head-row">
        <h1 className="rt-grow rt-ellipsis" title={run && runTitle(run, trans)}>
          {run ? runTitle(run, trans) : trans.__('Reading the run…')}
        </h1>
        <Button
          primary
          icon={restoreIcon}
          label={trans.__('Restore…')}
          disabled={!run || !host.canRestore()}
          title={host.canRestore() ? undefined : trans.__('Open the notebook to restore into it')}
          onClick={() => host.restore(model.id)}
        />
      </div>
      <Identity model={model} host={host} />
      <Facts model={model} />
    </header>
  );
}
