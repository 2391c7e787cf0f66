/** A small field for the message of a checkpoint, below the toolbar button. */

import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { checkpointIcon } from '../icons';
import { Button } from './parts';
import { showPopover } from './popover';

export interface IPopoverOptions {
  readonly trans: TranslationBundle;
  /** Steps since the last run. */
  readonly count: number;
  readonly onAccept: (message: string) => void;
}

interface IFormProps extends IPopoverOptions {
  readonly onClose: () => void;
}

function Form({ trans, count, onAccept, onClose }: IFormProps): React.JSX.Element {
  const [message, setMessage] = React.useState('');
  const accept = (): void => {
    onClose();
    onAccept(message.trim());
  };
  return (
    <>
      <div className="rt-field">
        <input
          autoFocus
          aria-label={trans.__('Message')}
          placeholder={trans.__('What is this state good for?')}
          value={message}
          onChange={event => setMessage(event.target.value)}
          onKeyDown={event => {
            if (event.key === 'Enter') {
              event.stopPropagation();
              accept();
            }
          }}
        />
      </div>
      <div className="rt-popover-foot">
        <span className="rt-dim">{trans._n('%1 step', '%1 steps', count)}</span>
        <Button primary icon={checkpointIcon} label={trans.__('Checkpoint')} onClick={accept} />
      </div>
    </>
  );
}

/** Ask for a message below the caret button that can be seen. */
export function showCheckpointPopover(options: IPopoverOptions): void {
  const buttons = document.querySelectorAll<HTMLElement>(
    '[data-jp-item-name="runtrack-checkpoint-message"]'
  );
  showPopover({
    label: options.trans.__('Checkpoint with a message'),
    anchor: Array.from(buttons).find(button => button.offsetParent !== null) ?? null,
    content: close => <Form {...options} onClose={close} />
  });
}
