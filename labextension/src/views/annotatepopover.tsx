/** Labels and notes of a run, beside its row in the list. */

import type { TranslationBundle } from '@jupyterlab/translation';
import { UseSignal } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { Actions } from '../actions';
import { runTitle } from '../model/format';
import type { HistoryModel } from '../model/history';
import { LabelField, Labels, NoteField, Notes, type Annotate } from './annotating';
import { showPopover } from './popover';
import { TransContext } from './trans';

export interface IAnnotateOptions {
  readonly actions: Actions;
  readonly model: HistoryModel;
  readonly trans: TranslationBundle;
  readonly id: string;
  readonly what: 'label' | 'note';
}

interface IBodyProps extends IAnnotateOptions {
  readonly onClose: () => void;
}

function Body({ actions, model, id, what, onClose }: IBodyProps): React.JSX.Element | null {
  const run = model.run(id);
  const annotate: Annotate = change => actions.annotate(id, change);
  if (run === null) {
    return null;
  }
  return what === 'label' ? (
    <>
      <div className="rt-tags">
        <Labels run={run} annotate={annotate} />
      </div>
      <LabelField annotate={annotate} onClose={onClose} />
    </>
  ) : (
    <>
      <Notes run={run} />
      <NoteField annotate={annotate} onClose={onClose} />
    </>
  );
}

/** Show the labels or notes of a run, with a field for one more. */
export function showAnnotatePopover(options: IAnnotateOptions): void {
  const { id, model, trans, what } = options;
  const run = model.run(id);
  const title = run === null ? '' : runTitle(run, trans);
  const row = document.querySelector(`.rt-row-run[data-run-id="${CSS.escape(id)}"]`);
  showPopover({
    label: what === 'label' ? trans.__('Labels of %1', title) : trans.__('Notes on %1', title),
    anchor: row,
    content: close => (
      <TransContext.Provider value={trans}>
        <UseSignal signal={model.changed}>{() => <Body {...options} onClose={close} />}</UseSignal>
      </TransContext.Provider>
    )
  });
}
