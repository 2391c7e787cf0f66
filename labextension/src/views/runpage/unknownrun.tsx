/** The page of a run that is not here: what that means, and what can be done. */

import * as React from 'react';

import type { RunPageModel } from '../../model/runpage';
import { warningIcon } from '../../icons';
import { Button, Icon } from '../parts';
import { useTrans } from '../trans';
import type { IRunPageHost } from './host';

export interface IUnknownRunProps {
  readonly model: RunPageModel;
  readonly host: IRunPageHost;
  /** In the server's words. */
  readonly reason: string;
}

export function UnknownRun({ model, host, reason }: IUnknownRunProps): React.JSX.Element {
  const trans = useTrans();
  return (
    <div className="rt-ui rt-page rt-unknown" role="alert">
      <h1>
        <Icon icon={warningIcon} size={18} tone="warn" /> {trans.__('This run is not here')}
      </h1>
      <p>
        {trans.__('You asked for')} <code>{model.id}</code>.{' '}
        {trans.__('The server says: %1', reason)}
      </p>
      <ul>
        <li>
          {trans.__(
            'A number such as #12 is a run of one notebook; a link wants the id of the run.'
          )}
        </li>
        <li>
          {trans.__(
            'The link may be from another server or another person. Ask them for the run as a file, and open that here:'
          )}{' '}
          <code>runtrack export RUN --bundle run.runtrack</code>
        </li>
        <li>
          {trans.__(
            'The run may have been purged, or lie in a folder that is not connected now. Connect it and try again.'
          )}
        </li>
      </ul>
      <div className="rt-acts">
        <Button label={trans.__('Try again')} onClick={() => void model.load()} />
        <Button label={trans.__('Show the runs that are here')} onClick={() => host.showRuns()} />
      </div>
    </div>
  );
}
