/** A run in the list: two lines, or one grey line for a run that made itself. */

import { ellipsesIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { INotebookSummary } from '../api';
import { fullTime, lastValues, runNumber, runTitle, shortTime } from '../model/format';
import { hasFailed, isLine } from '../model/rows';
import { driftIcon, errorIcon, restoreIcon, starIcon, warningIcon } from '../icons';
import type { IRun, Scalar } from '../records';
import { MessageField } from './annotating';
import { useHost } from './host';
import { openMenu } from './menu';
import { Icon, IconButton, Metric } from './parts';
import { useTrans } from './trans';

/** The flags that a list can tell without opening the run. */
function Flags({ run }: { readonly run: IRun }): React.JSX.Element {
  const trans = useTrans();
  const gaps = run.gaps?.length ?? 0;
  const failed = hasFailed(run);
  return (
    <span className="rt-flags">
      {run.starred && <Icon icon={starIcon} size={12} tone="warn" label={trans.__('Starred')} />}
      {failed && (
        <Icon icon={errorIcon} size={12} tone="bad" label={trans.__('Ended in an error')} />
      )}
      {gaps > 0 && (
        <Icon
          icon={warningIcon}
          size={12}
          tone="warn"
          label={trans._n(
            '%1 gap: something was not kept',
            '%1 gaps: some things were not kept',
            gaps
          )}
        />
      )}
      {run.document_origin === 'reconstructed' && (
        <Icon
          icon={driftIcon}
          size={12}
          tone="dim"
          label={trans.__('The document was put together from the steps')}
        />
      )}
    </span>
  );
}

export interface IRunRowProps {
  readonly run: IRun;
  /** The value that a metric had before this run. */
  readonly before: (metric: string) => Scalar | undefined;
  readonly isHere: boolean;
  readonly isRenaming: boolean;
  /** The notebook of the run, where the list has several. */
  readonly notebook: INotebookSummary | null;
}

/** What stands in place of the time while the pointer or the focus is on the row. */
function RowIcons({ run }: { readonly run: IRun }): React.JSX.Element {
  const trans = useTrans();
  const host = useHost();
  return (
    <span className="rt-row-actions">
      <IconButton
        icon={restoreIcon}
        label={trans.__('Restore this run…')}
        tabIndex={-1}
        onClick={() => host.restoreRun(run)}
      />
      <button
        type="button"
        className="rt-iconbtn"
        aria-label={trans.__('More actions')}
        title={trans.__('More actions')}
        tabIndex={-1}
        onClick={openMenu}
      >
        <Icon icon={ellipsesIcon} />
      </button>
    </span>
  );
}

export function RunRow(props: IRunRowProps): React.JSX.Element {
  const { run, before, isHere, isRenaming, notebook } = props;
  const trans = useTrans();
  const host = useHost();
  const metrics = [...lastValues(run.metrics).values()].slice(0, 2);
  return (
    <div className="rt-row-body">
      <div className="rt-line1">
        {isRenaming ? (
          <MessageField
            message={run.message ?? ''}
            placeholder={runTitle({ ...run, message: '' }, trans)}
            onAccept={message => host.rename(run, message)}
            onCancel={() => host.rename(run, null)}
          />
        ) : (
          <span
            className={`rt-grow rt-ellipsis${isLine(run) ? ' rt-dim' : ''}`}
            title={runTitle(run, trans)}
          >
            {runTitle(run, trans)}
          </span>
        )}
        {isHere && <span className="rt-here">{trans.__('you are here')}</span>}
        {isLine(run) && (
          <>
            <Flags run={run} />
            <span className="rt-number rt-dim">{runNumber(run)}</span>
          </>
        )}
        <time className="rt-time" dateTime={run.created_at} title={fullTime(run.created_at)}>
          {shortTime(run.created_at, trans)}
        </time>
        <RowIcons run={run} />
      </div>
      {!isLine(run) && (
        <div className="rt-line2">
          {notebook !== null && (
            <span className="rt-ellipsis" title={notebook.path}>
              {notebook.name}
            </span>
          )}
          <span className="rt-number">{runNumber(run)}</span>
          <span className="rt-metrics">
            {metrics.map((entry, i) => (
              <Metric
                key={entry.name}
                entry={entry}
                before={i === 0 ? before(entry.name) : undefined}
              />
            ))}
          </span>
          <Flags run={run} />
        </div>
      )}
    </div>
  );
}
