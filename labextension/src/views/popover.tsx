/** A small field beside what it is about; it closes on Escape and when the focus leaves it. */

import { ReactWidget } from '@jupyterlab/ui-components';
import { Widget } from '@lumino/widgets';
import type * as React from 'react';

export interface IPopover {
  /** What a screen reader calls it. */
  readonly label: string;
  /** What it stands below; the middle of the window's upper part where there is nothing. */
  readonly anchor: Element | null;
  readonly content: (close: () => void) => React.JSX.Element;
}

const WIDTH = 320;
const GAP = 4;

function place(node: HTMLElement, anchor: Element | null): void {
  const box = anchor?.getBoundingClientRect();
  const left = box ? box.right - WIDTH / 2 : window.innerWidth / 2 - WIDTH / 2;
  const height = node.getBoundingClientRect().height;
  const below = box ? box.bottom + GAP : 80;
  const fits = below + height <= window.innerHeight;
  node.style.top = `${fits || !box ? below : Math.max(GAP, box.top - height - GAP)}px`;
  node.style.left = `${Math.max(8, Math.min(left, window.innerWidth - WIDTH - 8))}px`;
}

/** Show a popover; focus goes back to where it was when it closes. */
export function showPopover({ label, anchor, content }: IPopover): void {
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
  widget = ReactWidget.create(content(close));
  const { node } = widget;
  node.classList.add('rt-ui', 'rt-popover');
  node.setAttribute('role', 'dialog');
  node.setAttribute('aria-label', label);
  node.addEventListener('keydown', event => {
    if (event.key === 'Escape') {
      event.stopPropagation();
      close();
    }
  });
  node.addEventListener('focusout', event => {
    if (event.relatedTarget !== null && !node.contains(event.relatedTarget as Node)) {
      close();
    }
  });
  Widget.attach(widget, document.body);
  place(node, anchor);
  void widget.renderPromise?.then(() => place(node, anchor));
}
