/** Variables and data files of a run, as tables. */

import * as React from 'react';

import { checkIcon, refreshIcon } from '@jupyterlab/ui-components';

import { bytes } from '../../model/format';
import type { RunPageModel } from '../../model/runpage';
import { driftIcon, errorIcon, warningIcon } from '../../icons';
import type { IDataFile, IGap, IRebuild, IVariable } from '../../records';
import { Icon } from '../parts';
import { useTrans } from '../trans';
import { CellRef } from './cellref';

/** From this many variables on there is a filter above the table. */
const MANY = 30;

function Restorable(props: {
  readonly variable: IVariable;
  readonly gap: IGap | undefined;
  readonly rebuild: IRebuild | undefined;
}): React.JSX.Element {
  const trans = useTrans();
  const { variable, gap, rebuild } = props;
  if (variable.component) {
    const saved = trans.__('%1 saved', bytes(variable.size ?? 0));
    return (
      <span
        className="rt-ok rt-mark"
        title={variable.rebuilt ? `${saved}; ${variable.rebuilt}` : saved}
      >
        <Icon icon={checkIcon} tone="ok" /> {gap ? trans.__('saved, see gaps') : trans.__('saved')}
      </span>
    );
  }
  const reason = gap?.reason ?? trans.__('not saved');
  if (rebuild !== undefined) {
    return (
      <span
        className="rt-mark"
        title={trans.__('%1; can be made again by %2', reason, rebuild.how)}
      >
        <Icon icon={refreshIcon} />{' '}
        <span className="rt-ellipsis">{trans.__('made again by %1', rebuild.how)}</span>
      </span>
    );
  }
  return (
    <span className="rt-mark" title={reason}>
      <Icon icon={warningIcon} tone="warn" /> <span className="rt-ellipsis">{reason}</span>
    </span>
  );
}

function VariableRow(props: {
  readonly variable: IVariable;
  readonly model: RunPageModel;
  readonly gap: IGap | undefined;
  readonly rebuild: IRebuild | undefined;
}): React.JSX.Element {
  const { variable, model, gap, rebuild } = props;
  return (
    <tr>
      <td title={variable.name}>
        <code>{variable.name}</code>
      </td>
      <td className="rt-dim" title={variable.type}>
        {variable.type}
      </td>
      <td className="rt-dim">{variable.shape}</td>
      <td title={variable.preview}>
        <code>{variable.preview}</code>
      </td>
      <td className="rt-right">
        <CellRef model={model} stepId={variable.set_by} />
      </td>
      <td>
        <Restorable variable={variable} gap={gap} rebuild={rebuild} />
      </td>
    </tr>
  );
}

export function Variables({ model }: { readonly model: RunPageModel }): React.JSX.Element {
  const trans = useTrans();
  const [filter, setFilter] = React.useState('');
  const run = model.details?.run;
  const all = run?.variables ?? [];
  const gaps = new Map((run?.gaps ?? []).map(gap => [gap.subject, gap]));
  const rebuilds = new Map((model.details?.rebuilds ?? []).map(each => [each.name, each]));
  const shown = all.filter(variable => variable.name.toLowerCase().includes(filter.toLowerCase()));
  if (all.length === 0) {
    return <p className="rt-dim rt-pane-note">{trans.__('No variables.')}</p>;
  }
  return (
    <>
      {all.length >= MANY && (
        <div className="rt-field rt-filter">
          <input
            aria-label={trans.__('Filter variables')}
            placeholder={trans.__('Filter variables')}
            value={filter}
            onChange={event => setFilter(event.target.value)}
          />
        </div>
      )}
      <table className="rt-table rt-variables">
        <thead>
          <tr>
            <th>{trans.__('Name')}</th>
            <th>{trans.__('Type')}</th>
            <th>{trans.__('Shape')}</th>
            <th>{trans.__('Preview')}</th>
            <th className="rt-right">{trans.__('Set by')}</th>
            <th>{trans.__('Restorable')}</th>
          </tr>
        </thead>
        <tbody>
          {shown.map(variable => (
            <VariableRow
              key={variable.name}
              variable={variable}
              model={model}
              gap={gaps.get(variable.name)}
              rebuild={rebuilds.get(variable.name)}
            />
          ))}
        </tbody>
      </table>
    </>
  );
}

/** Whether a file still holds what it held. */
export function FileNow({ file }: { readonly file: IDataFile }): React.JSX.Element {
  const trans = useTrans();
  switch (file.now) {
    case 'unchanged':
      return (
        <span className="rt-ok rt-mark">
          <Icon icon={checkIcon} tone="ok" /> {trans.__('unchanged')}
        </span>
      );
    case 'changed':
      return (
        <span className="rt-mark">
          <Icon icon={driftIcon} tone="warn" /> {trans.__('changed')}
        </span>
      );
    case 'missing':
      return (
        <span className="rt-mark">
          <Icon icon={errorIcon} tone="bad" /> {trans.__('missing')}
        </span>
      );
    default:
      return <span className="rt-dim">{trans.__('not checked')}</span>;
  }
}

export function Data({ model }: { readonly model: RunPageModel }): React.JSX.Element {
  const trans = useTrans();
  const files = model.details?.data ?? [];
  if (files.length === 0) {
    return (
      <p className="rt-dim rt-pane-note">
        {trans.__('No data file. Wrap a path in rt.input() or rt.output() to have it here.')}
      </p>
    );
  }
  const used = (file: IDataFile): string => {
    const how =
      file.direction === 'read'
        ? trans.__('read')
        : file.direction === 'write'
          ? trans.__('written')
          : trans.__('read and written');
    return how;
  };
  return (
    <table className="rt-table rt-data">
      <thead>
        <tr>
          <th>{trans.__('Path')}</th>
          <th>BLAKE3</th>
          <th className="rt-right">{trans.__('Size')}</th>
          <th>{trans.__('Used by')}</th>
          <th>{trans.__('Now')}</th>
        </tr>
      </thead>
      <tbody>
        {files.map((file, i) => (
          <tr key={`${file.path}${i}`}>
            <td title={file.path}>
              <code>{file.path}</code>
            </td>
            <td title={file.digest ?? file.reason}>
              {file.digest ? (
                <code>{file.digest.slice(0, 8)}</code>
              ) : (
                <span className="rt-dim">{file.reason}</span>
              )}
            </td>
            <td className="rt-right">{bytes(file.size ?? 0)}</td>
            <td>
              {used(file)} <CellRef model={model} stepId={file.step_id} />
            </td>
            <td>
              <FileNow file={file} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
