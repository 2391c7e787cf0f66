/** Message, identity and main numbers of a run, and the way back to it. */

import { Clipboard } from '@jupyterlab/apputils';
import { addIcon, copyIcon, editIcon, ellipsesIcon, linkIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { IRunChange } from '../../api';
import { duration, fullTime, lastValues, runNumber, runTitle, scalar } from '../../model/format';
import type { RunPageModel } from '../../model/runpage';
import { restoreIcon } from '../../icons';
import { shortId } from '../../ulid';
import { LabelField, Labels, MessageField, NoteField, Notes, StarButton } from '../annotating';
import { openMenu } from '../menu';
import { Button, Icon, IconButton } from '../parts';
import type { IRunPageHost } from './host';
import { useTrans } from '../trans';

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

/** A button with a word that opens a field in its place, and has the focus again after. */
function Adder(props: {
  readonly label: string;
  readonly field: (close: () => void) => React.JSX.Element;
}): React.JSX.Element {
  const [isOpen, setOpen] = React.useState(false);
  const wasOpen = React.useRef(false);
  if (isOpen) {
    wasOpen.current = true;
    return props.field(() => setOpen(false));
  }
  return (
    <button
      type="button"
      className="rt-link rt-add"
      autoFocus={wasOpen.current}
      onClick={() => setOpen(true)}
    >
      <Icon icon={addIcon} size={12} />
      {props.label}
    </button>
  );
}

function RunLabels({ model, host }: IHeaderProps): React.JSX.Element | null {
  const trans = useTrans();
  const run = model.details?.run;
  if (run === undefined) {
    return null;
  }
  const annotate = (change: IRunChange): Promise<boolean> => host.annotate(run.run_id, change);
  return (
    <>
      <Labels run={run} annotate={annotate} />
      <Adder
        label={trans.__('label')}
        field={close => <LabelField annotate={annotate} onClose={close} />}
      />
    </>
  );
}

function RunNotes({ model, host }: IHeaderProps): React.JSX.Element | null {
  const trans = useTrans();
  const run = model.details?.run;
  if (run === undefined) {
    return null;
  }
  return (
    <div className="rt-head-notes">
      <Notes run={run} />
      <Adder
        label={trans.__('note')}
        field={close => (
          <NoteField annotate={change => host.annotate(run.run_id, change)} onClose={close} />
        )}
      />
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
      {model.path !== '' && (
        <span>
          <button
            type="button"
            className="rt-link"
            title={trans.__('Open the notebook')}
            onClick={() => host.openNotebook()}
          >
            {model.path}
          </button>
        </span>
      )}
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
      <RunLabels model={model} host={host} />
      {run.automatic && <span>{trans.__('made by itself: %1', run.automatic)}</span>}
    </div>
  );
}

interface ITitleProps extends IHeaderProps {
  readonly isRenaming: boolean;
  readonly onRename: (renaming: boolean) => void;
}

/** The message, or the field in which it is edited. */
function Title({ model, host, isRenaming, onRename }: ITitleProps): React.JSX.Element {
  const trans = useTrans();
  const edit = React.useRef<HTMLDivElement>(null);
  const run = model.details?.run;
  const end = (message: string | null): void => {
    onRename(false);
    if (run !== undefined && message !== null) {
      void host.annotate(run.run_id, { message });
    }
    requestAnimationFrame(() => edit.current?.querySelector('button')?.focus());
  };
  if (run !== undefined && isRenaming) {
    return (
      <div className="rt-title rt-grow">
        <MessageField
          message={run.message ?? ''}
          placeholder={runTitle({ ...run, message: '' }, trans)}
          onAccept={end}
          onCancel={() => end(null)}
        />
      </div>
    );
  }
  return (
    <div className="rt-title rt-grow" ref={edit}>
      <h1 className="rt-ellipsis" title={run && runTitle(run, trans)}>
        {run ? runTitle(run, trans) : trans.__('Reading the run…')}
      </h1>
      {run && (
        <>
          <IconButton
            icon={editIcon}
            label={trans.__('Edit the message (F2)')}
            onClick={() => onRename(true)}
          />
          <StarButton run={run} annotate={change => host.annotate(run.run_id, change)} />
        </>
      )}
    </div>
  );
}

export function Header(props: ITitleProps): React.JSX.Element {
  const { model, host, isRenaming, onRename } = props;
  const trans = useTrans();
  const run = model.details?.run;
  return (
    <header className="rt-head rt-run" data-run-id={model.id}>
      <div className="rt-head-row">
        <Title model={model} host={host} isRenaming={isRenaming} onRename={onRename} />
        {run && (
          <IconButton
            icon={linkIcon}
            label={trans.__('Copy link')}
            onClick={() => host.copyLink(run.run_id)}
          />
        )}
        <Button
          primary
          icon={restoreIcon}
          label={trans.__('Restore…')}
          disabled={!run || !host.canRestore()}
          title={host.canRestore() ? undefined : trans.__('Open the notebook to restore into it')}
          onClick={() => host.restore(model.id)}
        />
        <button
          type="button"
          className="rt-iconbtn"
          aria-label={trans.__('More actions')}
          title={trans.__('More actions')}
          onClick={openMenu}
        >
          <Icon icon={ellipsesIcon} />
        </button>
      </div>
      <Identity model={model} host={host} />
      <Facts model={model} />
      <RunNotes model={model} host={host} />
    </header>
  );
}
