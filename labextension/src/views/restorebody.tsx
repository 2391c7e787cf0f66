/** What the restore dialog says: the choice, the way back, and what will not return. */

import { refreshIcon, undoIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { bytes } from '../model/format';
import type { IProgress } from '../kernel';
import type { Choice, RestoringModel } from '../model/restoring';
import { infoIcon, warningIcon } from '../icons';
import type { IDataFile, IGap } from '../records';
import { Icon } from './parts';
import { FileNow } from './runpage/tables';
import { useTrans } from './trans';

interface IBodyProps {
  readonly model: RestoringModel;
  readonly copyName: string;
  readonly collaborators: number;
}

function Choices({ model, copyName }: IBodyProps): React.JSX.Element {
  const trans = useTrans();
  const name = React.useId();
  const isStep = model.plan?.kind === 'step';
  const options: readonly (readonly [Choice, string, string])[] = [
    [
      'both',
      trans.__('Notebook and variables'),
      trans.__('The usual choice: back to where you were')
    ],
    ['document', trans.__('Notebook only'), trans.__('Kernel keeps its variables')],
    ['variables', trans.__('Variables only'), trans.__('Cells stay as they are now')],
    [
      'copy',
      trans.__('Open as a copy'),
      isStep ? trans.__('Beside this notebook, own kernel') : trans.__('%1, own kernel', copyName)
    ]
  ];
  return (
    <fieldset className="rt-choices" disabled={model.phase !== 'asking'}>
      <legend className="rt-live">{trans.__('What to restore')}</legend>
      {options.map(([choice, label, note]) => {
        const impossible = !model.hasKernel && (choice === 'both' || choice === 'variables');
        return (
          <label
            key={choice}
            className={model.choice === choice ? 'rt-choice rt-selected' : 'rt-choice'}
            title={impossible ? trans.__('Needs a running kernel that records') : undefined}
          >
            <input
              type="radio"
              name={name}
              disabled={impossible}
              checked={model.choice === choice}
              onChange={() => {
                model.choice = choice;
              }}
            />
            <span>
              {label}
              <small>{note}</small>
            </span>
          </label>
        );
      })}
    </fieldset>
  );
}

function WayBack({ model }: { readonly model: RestoringModel }): React.JSX.Element | null {
  const trans = useTrans();
  if (model.choice === 'copy') {
    return null;
  }
  const text = model.hasKernel
    ? trans.__('What you have now becomes a run first, so this can be undone.')
    : trans.__('Without a kernel no run is made first: Edit, Undo Cell Operation brings it back.');
  return (
    <div className="rt-note rt-note-ok">
      <Icon icon={undoIcon} tone="ok" />
      <span>{text}</span>
    </div>
  );
}

/** What becomes of a variable that was not saved: made again, if that can be done and is wanted. */
function Instead(props: { readonly model: RestoringModel; readonly name: string }) {
  const trans = useTrans();
  const { model, name } = props;
  const rebuild = model.rebuildOf(name);
  if (rebuild === null) {
    return <span className="rt-dim">{trans.__('left unset')}</span>;
  }
  return (
    <label className="rt-instead">
      <input
        type="checkbox"
        disabled={model.phase !== 'asking'}
        checked={model.isRebuilt(name)}
        onChange={event => model.setRebuilt(name, event.target.checked)}
      />
      {trans.__('make it again by %1', rebuild.how)}
    </label>
  );
}

/** How much is made again, in one line. */
function Rebuilds({ model }: { readonly model: RestoringModel }): React.JSX.Element | null {
  const trans = useTrans();
  const chosen = model.rebuilds;
  if (chosen.length === 0) {
    return null;
  }
  const steps = new Set(chosen.flatMap(each => each.steps)).size;
  const names = chosen
    .map(each => `${each.name} (${each.how.replace(/^running /, '')})`)
    .join(', ');
  const variables = trans._n(
    '%1 variable will be made again',
    '%1 variables will be made again',
    chosen.length
  );
  const by = trans._n('by running %1 step: %2', 'by running %1 steps: %2', steps, names);
  return (
    <p className="rt-rebuilds">
      <Icon icon={refreshIcon} /> {variables} {by}
    </p>
  );
}

function GapTable(props: {
  readonly gaps: readonly IGap[];
  readonly title: string;
  /** With it the table says what happens instead. */
  readonly model?: RestoringModel;
}): React.JSX.Element {
  const trans = useTrans();
  const { model } = props;
  return (
    <div className="rt-box">
      <table className="rt-table rt-gaps">
        <thead>
          <tr>
            <th>{props.title}</th>
            <th>{trans.__('Why not')}</th>
            {model && <th>{trans.__('Instead')}</th>}
          </tr>
        </thead>
        <tbody>
          {props.gaps.map((gap, i) => (
            <tr key={`${gap.subject}${i}`}>
              <td title={gap.subject}>
                <code>{gap.subject}</code>
              </td>
              <td title={gap.reason}>{gap.reason}</td>
              {model && (
                <td>
                  <Instead model={model} name={gap.subject} />
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Files({ files, title }: { readonly files: readonly IDataFile[]; readonly title: string }) {
  const trans = useTrans();
  const differ = files.filter(file => file.now === 'changed' || file.now === 'missing');
  if (files.length === 0) {
    return null;
  }
  return (
    <>
      <h2 className="rt-heading">
        {trans.__('Data files')}{' '}
        <span>
          {differ.length === 0
            ? trans.__('restore never changes these; all are as they were')
            : trans.__(
                'restore never changes these; %1 of %2 differ from %3',
                differ.length,
                files.length,
                title
              )}
        </span>
      </h2>
      {differ.length > 0 && (
        <div className="rt-box">
          <table className="rt-table">
            <thead>
              <tr>
                <th>{trans.__('Data file')}</th>
                <th>{trans.__('In %1', title)}</th>
                <th>{trans.__('On disk now')}</th>
              </tr>
            </thead>
            <tbody>
              {differ.map((file, i) => (
                <tr key={`${file.path}${i}`}>
                  <td title={file.path}>
                    <code>{file.path}</code>
                  </td>
                  <td>{bytes(file.size ?? 0)}</td>
                  <td>
                    <FileNow file={file} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}

function Details({ model }: { readonly model: RestoringModel }): React.JSX.Element | null {
  const trans = useTrans();
  const { plan } = model;
  if (plan === null || model.choice === 'copy') {
    return null;
  }
  const { total, restorable, size } = plan.variables;
  return (
    <>
      {model.hasVariables && (
        <>
          <h2 className="rt-heading">
            {trans.__('Variables')}{' '}
            <span>{trans.__('%1 of %2 come back, %3', restorable, total, bytes(size))}</span>
          </h2>
          {plan.gaps.length > 0 && (
            <GapTable gaps={plan.gaps} title={trans.__('Variable')} model={model} />
          )}
          <Rebuilds model={model} />
        </>
      )}
      {plan.warnings.map(warning => (
        <p key={warning} className="rt-warning">
          <Icon icon={warningIcon} tone="warn" /> {warning}
        </p>
      ))}
      {model.choice !== 'variables' && plan.document_origin === 'reconstructed' && (
        <p className="rt-warning">
          <Icon icon={infoIcon} />{' '}
          {trans.__(
            'The notebook of that moment was not handed over: it is put together from the cells that ran.'
          )}
        </p>
      )}
      <Files files={plan.files} title={model.name} />
    </>
  );
}

function Progress({ done, total }: IProgress): React.JSX.Element {
  const trans = useTrans();
  const text = trans.__('%1 of %2', bytes(done), bytes(total));
  return (
    <div className="rt-progress">
      <progress value={done} max={total} aria-label={trans.__('Variables read')} />
      <span className="rt-dim">{text}</span>
    </div>
  );
}

function Outcome({ model }: { readonly model: RestoringModel }): React.JSX.Element | null {
  const trans = useTrans();
  switch (model.phase) {
    case 'waiting':
      return (
        <div className="rt-note rt-note-info" role="status">
          {trans.__('A cell is running. The restore starts when it has ended.')}
        </div>
      );
    case 'working':
      return (
        <>
          <div className="rt-note rt-note-info" role="status">
            {trans.__('Restoring…')}
          </div>
          {model.progress !== null && <Progress {...model.progress} />}
        </>
      );
    case 'failed':
      return (
        <div className="rt-note rt-note-bad" role="alert">
          {trans.__('Nothing was restored: %1', model.error)}
        </div>
      );
    case 'partly':
      return (
        <>
          <div className="rt-note rt-note-warn" role="alert">
            {trans.__(
              'Restored, except for what is listed here. Your work from before is kept as a run.'
            )}
          </div>
          <GapTable gaps={model.gaps} title={trans.__('Not restored')} />
        </>
      );
    default:
      return model.error ? (
        <div className="rt-note rt-note-bad" role="alert">
          {model.error}
        </div>
      ) : null;
  }
}

export function RestoreBody(props: IBodyProps): React.JSX.Element {
  const { model } = props;
  const trans = useTrans();
  if (model.phase === 'partly') {
    return <Outcome model={model} />;
  }
  return (
    <>
      <Choices {...props} />
      <WayBack model={model} />
      <Details model={model} />
      <Outcome model={model} />
      {props.collaborators > 0 && model.choice !== 'copy' && (
        <p className="rt-dim rt-warning">
          {trans._n(
            '%1 other person has this notebook open and will see the change.',
            '%1 other people have this notebook open and will see the change.',
            props.collaborators
          )}
        </p>
      )}
    </>
  );
}
