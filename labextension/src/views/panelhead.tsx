/** The top of the panel: whose history is shown. */

import { caretDownIcon, notebookIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { HistoryModel } from '../model/history';
import { runsIcon } from '../icons';
import { Icon } from './parts';
import { useTrans } from './trans';

/** The notebook in front, or all notebooks. */
export function PanelHead({ model }: { readonly model: HistoryModel }): React.JSX.Element {
  const trans = useTrans();
  const { record, scope } = model;
  const name = record?.path.split('/').pop() ?? '';
  const all = trans.__('All notebooks');
  return (
    <div className="rt-panel-head">
      <Icon icon={scope === 'all' ? runsIcon : notebookIcon} />
      <span className="rt-scope" title={scope === 'all' ? all : record?.path}>
        <b className="rt-strong rt-ellipsis" aria-hidden="true">
          {scope === 'all' ? all : name}
        </b>
        <Icon icon={caretDownIcon} />
        <select
          aria-label={trans.__('Whose runs are shown')}
          value={scope}
          onChange={event => {
            model.scope = event.target.value === 'all' ? 'all' : 'notebook';
          }}
        >
          {record !== null && <option value="notebook">{name}</option>}
          <option value="all">{all}</option>
        </select>
      </span>
    </div>
  );
}
