/** The status bar item: where the notebook in front stands. */

import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import { Signal, type ISignal } from '@lumino/signaling';
import * as React from 'react';

import { bytes, runNumber } from '../model/format';
import type { NotebookRecord } from '../model/notebookrecord';
import type { RecordTracker } from '../model/tracker';
import { runsIcon, warningIcon } from '../icons';
import { Icon } from './parts';

/** What the item says of a record, in one line. */
export function statusText(record: NotebookRecord, trans: TranslationBundle): string {
  if (record.restoring !== null) {
    const { done, total } = record.restoring;
    return trans.__('Restoring: %1 of %2', bytes(done), bytes(total));
  }
  switch (record.recording) {
    case 'waiting':
      return trans.__('Recording…');
    case 'absent':
      return trans.__('Not recorded: no Runtrack in this kernel');
    case 'no-kernel':
      return trans.__('Not recorded: no kernel');
    case 'off':
      return record.metadata.enabled === false
        ? trans.__('Recording paused')
        : trans.__('Not recorded: %1', record.whyOff);
    case 'on': {
      const count = record.position.steps.length;
      const steps = trans._n('%1 step', '%1 steps', count);
      if (record.headRun === null) {
        return count === 0 ? trans.__('Recording') : trans.__('Recording: %1', steps);
      }
      const run = trans.__('Run %1', runNumber(record.headRun));
      return count === 0 ? run : `${run} + ${steps}`;
    }
  }
}

export interface IStatusItemOptions {
  readonly records: RecordTracker;
  readonly trans: TranslationBundle;
  readonly onClick: () => void;
}

export class StatusItem extends ReactWidget {
  constructor(private readonly _options: IStatusItemOptions) {
    super();
    this.addClass('rt-ui');
    const { records } = _options;
    records.each(record => record.changed.connect(this._emit, this));
    records.currentChanged.connect(this._emit, this);
  }

  protected override render(): React.JSX.Element {
    const { records, trans, onClick } = this._options;
    return (
      <UseSignal signal={this._changed as ISignal<this, void>}>
        {() => {
          const record = records.current;
          if (record === null) {
            return null;
          }
          const problem = record.recording === 'on' && record.problems.length > 0;
          const first = record.problems[0];
          const text = statusText(record, trans);
          return (
            <button
              type="button"
              className="rt-link rt-status"
              title={
                problem ? `${first.subject}: ${first.reason}` : trans.__('Open the Runs panel')
              }
              onClick={onClick}
            >
              <Icon
                icon={problem ? warningIcon : runsIcon}
                size={16}
                tone={problem ? 'warn' : undefined}
              />
              {text}
            </button>
          );
        }}
      </UseSignal>
    );
  }

  private _emit(): void {
    this._changed.emit();
  }

  private readonly _changed = new Signal<this, void>(this);
}
