/** Why a cell has a hint, and what can be done: shown beside the hint on hover and focus. */

import { runIcon } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { Hint } from '../model/hints';
import { Button } from './parts';

function count(execution_count: number | null): string {
  return `[${execution_count ?? ' '}]`;
}

/** The word in the gutter. */
export function hintWord(hint: Hint, trans: TranslationBundle): string {
  const words = {
    edited: trans.__('edited'),
    stale: trans.__('stale'),
    hidden: trans.__('hidden'),
    order: trans.__('order')
  };
  return words[hint.kind];
}

/** What is the case, and why: a heading and a sentence. */
export function hintReason(hint: Hint, trans: TranslationBundle): readonly [string, string] {
  const ran = trans.__('Ran as %1.', count(hint.cell.execution_count));
  switch (hint.kind) {
    case 'edited':
      return [
        trans.__('Edited since it ran'),
        `${ran} ${trans.__('What it gave is of the source at that time.')}`
      ];
    case 'stale': {
      const setter = hint.by.cell_id
        ? trans.__('Cell %1 set %2 since.', count(hint.by.execution_count), hint.name)
        : trans.__('%1 was set since, outside of cells.', hint.name);
      return [trans.__('Stale: %1 changed after this cell ran', hint.name), `${ran} ${setter}`];
    }
    case 'hidden':
      return [
        trans.__('Hidden: no cell sets %1', hint.name),
        `${ran} ${trans.__(
          '%1 comes from cell %2, which is not in the notebook any more.',
          hint.name,
          count(hint.by.execution_count)
        )}`
      ];
    case 'order':
      return [
        trans.__('Ran after the cell below it'),
        `${ran} ${trans.__('The next one ran before, as %1.', count(hint.next.execution_count))}`
      ];
  }
}

export interface IHintCardProps {
  readonly hint: Hint;
  readonly trans: TranslationBundle;
  readonly onRun: () => void;
  readonly onIgnore: () => void;
}

export function HintCard({ hint, trans, onRun, onIgnore }: IHintCardProps): React.JSX.Element {
  const [title, reason] = hintReason(hint, trans);
  const below = hint.below.length - 1;
  const canRun = hint.kind === 'edited' || hint.kind === 'stale';
  return (
    <>
      <b className="rt-strong">{title}</b>
      <span>{reason}</span>
      <div className="rt-acts">
        {canRun && (
          <Button
            icon={runIcon}
            label={
              below === 0
                ? trans.__('Run this cell')
                : trans._n('Run this and %1 below', 'Run this and %1 below', below)
            }
            onClick={onRun}
          />
        )}
        <Button label={trans.__('Ignore here')} onClick={onIgnore} />
      </div>
    </>
  );
}
