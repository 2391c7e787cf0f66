/** Which cell it was: `[7]` in this run, `[4] #10` in one above, which a click opens. */

import * as React from 'react';

import type { RunPageModel } from '../../model/runpage';
import { shortId } from '../../ulid';
import { useTrans } from '../trans';
import { PageHostContext } from './host';

export function CellRef(props: {
  readonly model: RunPageModel;
  readonly stepId: string | null | undefined;
}): React.JSX.Element | null {
  const trans = useTrans();
  const host = React.useContext(PageHostContext);
  const { model, stepId } = props;
  const count = model.countOf(stepId);
  if (count !== null || !stepId || model.steps === null) {
    return count === null ? null : <>{count}</>;
  }
  const origin = model.originOf(stepId);
  if (origin === null) {
    return (
      <span title={trans.__('By a step that is not on record here')}>{trans.__('before')}</span>
    );
  }
  const cell = `[${origin.execution_count ?? ' '}]`;
  const { run_id } = origin;
  if (run_id === null) {
    return <span title={trans.__('By a step that is in no run')}>{cell}</span>;
  }
  const number = origin.ordinal === null ? shortId(run_id) : `#${origin.ordinal}`;
  return (
    <button
      type="button"
      className="rt-link"
      title={trans.__('Cell %1 of run %2', cell, number)}
      onClick={() => host?.openRun(run_id)}
    >
      {cell} {number}
    </button>
  );
}
