/** What the panel says where there is no list to show. */

import { copyIcon, notebookIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { INotebookSummary } from '../api';
import { runTitle, shortTime } from '../model/format';
import { checkpointIcon, infoIcon, runsIcon, unpluggedIcon } from '../icons';
import { useHost } from './host';
import { Button, Icon, IconButton } from './parts';
import { useTrans } from './trans';

const EXAMPLE = '%checkpoint "first model"';

/** The first-run page: what is kept, where, and how to stop. */
export function RecordingIsOn({ store }: { readonly store: string }): React.JSX.Element {
  const trans = useTrans();
  const host = useHost();
  return (
    <div className="rt-empty">
      <p>
        <Icon icon={runsIcon} size={16} />
        <b className="rt-strong">{trans.__('Recording is on')}</b>
      </p>
      <p className="rt-dim">
        {trans.__('Run a cell and it appears here as a step. Nothing to set up.')}
      </p>
      <p className="rt-dim">
        {trans.__('Seal the steps into a run you can go back to with')}{' '}
        <Icon icon={checkpointIcon} /> <b className="rt-strong">{trans.__('Checkpoint')}</b>,{' '}
        <kbd>Alt Shift C</kbd> {trans.__('or:')}
      </p>
      <div className="rt-field">
        <code className="rt-grow">{EXAMPLE}</code>
        <IconButton
          icon={copyIcon}
          label={trans.__('Copy')}
          onClick={() => void navigator.clipboard?.writeText(EXAMPLE)}
        />
      </div>
      <small className="rt-dim">
        {trans.__(
          'Kept: code, outputs, variables up to 2 GB each, digests of data files, and the environment. Known secrets are cut out first.'
        )}
        {store && (
          <span className="rt-path">
            {' '}
            {trans.__('Where: on this server only, in')} <code>{store}</code>.
          </span>
        )}
      </small>
      <small className="rt-dim">
        {trans.__(
          'Data in variables reaches the disk unencrypted. To keep code and outputs without values, switch “Record values” off in the settings.'
        )}
      </small>
      <small>
        <button type="button" className="rt-link" onClick={() => host.pause()}>
          {trans.__('Stop recording this notebook')}
        </button>
      </small>
    </div>
  );
}

/** No notebook is open: the notebooks that have runs. */
export function Recent(props: {
  readonly notebooks: readonly INotebookSummary[];
}): React.JSX.Element {
  const trans = useTrans();
  const host = useHost();
  if (props.notebooks.length === 0) {
    return (
      <div className="rt-empty">
        <p>
          <Icon icon={runsIcon} size={16} />
          <b className="rt-strong">{trans.__('No runs yet')}</b>
        </p>
        <p className="rt-dim">{trans.__('Open a notebook and run a cell.')}</p>
      </div>
    );
  }
  return (
    <ul className="rt-recent">
      {props.notebooks.map(notebook => {
        const last = notebook.last_run === null ? '' : ` · ${runTitle(notebook.last_run, trans)}`;
        const count = notebook.run_count;
        return (
          <li key={notebook.notebook_id}>
            <button type="button" onClick={() => host.openNotebook(notebook.path)}>
              <Icon icon={notebookIcon} />
              <span className="rt-grow">
                <span className="rt-ellipsis" title={notebook.path}>
                  {notebook.path || notebook.name}
                </span>
                <small className="rt-ellipsis">
                  {trans._n('%1 run', '%1 runs', count)}
                  {last}
                </small>
              </span>
              {notebook.last_at && (
                <span className="rt-dim">{shortTime(notebook.last_at, trans)}</span>
              )}
            </button>
          </li>
        );
      })}
    </ul>
  );
}

/** Grey rows of the final height, after 300 ms of nothing. */
export function Loading(): React.JSX.Element | null {
  const trans = useTrans();
  const [late, setLate] = React.useState(false);
  React.useEffect(() => {
    const timer = window.setTimeout(() => setLate(true), 300);
    return () => window.clearTimeout(timer);
  }, []);
  if (!late) {
    return null;
  }
  return (
    <div className="rt-empty" aria-busy="true" aria-label={trans.__('Reading runs')}>
      {[64, 52, 70, 46, 60, 55].map((width, i) => (
        <div key={i}>
          <div className="rt-ghost" style={{ width: `${width}%` }} />
          <div className="rt-ghost" style={{ width: `${((width * 3) % 40) + 20}%` }} />
        </div>
      ))}
    </div>
  );
}

/** Something failed: what, and what still works. */
export function Failure(props: {
  readonly error: string;
  readonly hasRuns: boolean;
  readonly isRecording: boolean;
}): React.JSX.Element {
  const trans = useTrans();
  const host = useHost();
  return (
    <div className="rt-note rt-note-bad rt-banner" role="alert">
      <Icon icon={unpluggedIcon} size={16} tone="bad" />
      <div className="rt-grow">
        <b className="rt-strong">{trans.__('The runs could not be read')}</b>
        <div>{props.error}</div>
        <div>
          {props.hasRuns && `${trans.__('The list below is what was read last.')} `}
          {props.isRecording && trans.__('Cells run and are recorded as before.')}
        </div>
        <div className="rt-acts">
          <Button label={trans.__('Retry')} onClick={() => host.retry()} />
        </div>
      </div>
    </div>
  );
}

export function Paused(props: {
  readonly text: string;
  readonly canResume: boolean;
}): React.JSX.Element {
  const trans = useTrans();
  const host = useHost();
  return (
    <div className="rt-note rt-note-info rt-banner" role="status">
      <Icon icon={infoIcon} />
      <span className="rt-grow">{props.text}</span>
      {props.canResume && (
        <button type="button" className="rt-link" onClick={() => host.resume()}>
          {trans.__('Resume')}
        </button>
      )}
    </div>
  );
}
