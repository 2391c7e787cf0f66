/** A small field for the message of a checkpoint, below the toolbar button. */

import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import { Widget } from '@lumino/widgets';
import * as React from 'react';

import { checkpointIcon } from '../icons';
import { Button } from './parts';

export interface IPopoverOptions {
  readonly trans: TranslationBundle;
  /** Steps since the last run. */
  readonly count: number;
  readonly onAccept: (message: string) => void;
}

const WIDTH = 320;

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
            event.stopPropagation();
            if (event.key === 'Enter') {
              accept();
            } else if (event.key === 'Escape') {
              onClose();
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

/** The visible caret button, else the middle of the window's upper part. */
function place(node: HTMLElement): void {
  const buttons = document.querySelectorAll<HTMLElement>(
    '[data-jp-item-name="runtrack-checkpoint-message"]'
  );
  const anchor = Array.from(buttons).find(button => button.offsetParent !== null);
  const box = anchor?.getBoundingClientRect();
  const left = box ? box.right - WIDTH / 2 : window.innerWidth / 2 - WIDTH / 2;
  node.style.top = `${box ? box.bottom + 4 : 80}px`;
  node.style.left = `${Math.max(8, Math.min(left, window.innerWidth - WIDTH - 8))}px`;
}

/** Show the popover; it closes on Enter, on Escape and when the focus leaves it. */
export function showCheckpointPopover(options: IPopoverOptions): void {
  const before = document.activeElement;
  let widget: ReactWidget | null = null;
  const close = (): void => {
    const closing = widget;
    widget = null;
    closing?.dispose();
    if (closing !== null && before instanceof HTMLElement) {
      before.focus();
    }
  };
  widget = ReactWidget.create(<Form {...options} onClose={close} />);
  const { node } = widget;
  node.classList.add('rt-ui', 'rt-popover');
  node.setAttribute('role', 'dialog');
  node.setAttribute('aria-label', options.trans.__('Checkpoint with a message'));
  node.addEventListener('focusout', event => {
    if (event.relatedTarget !== null && !node.contains(event.relatedTarget as Node)) {
      close();
    }
  });
  Widget.attach(widget, document.body);
  place(node);
}
