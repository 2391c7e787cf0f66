/** A small field beside what it is about; it closes on Escape and when the focus leaves it. */

import { ReactWidget } from '@jupyterlab/ui-components';
import { Widget } from '@lumino/widgets';
import type * as React from 'react';

export interface IPopover {
  /** What a screen reader calls it. */
  readonly label: string;
  /** What it stands below; the middle of the window's upper part where there is nothing. */
  readonly anchor: Element | null;
  /** It only tells more of its anchor: it goes when pointer and focus leave both. */
  readonly passive?: boolean;
  readonly content: (close: () => void) => React.JSX.Element;
}

export interface IShownPopover {
  readonly anchor: Element | null;
  readonly close: () => void;
  readonly isOpen: () => boolean;
  /** Move the focus to its first button. */
  readonly focus: () => void;
}

const WIDTH = 320;
const GAP = 4;
/** How long pointer and focus may be on the way from the anchor to the popover. */
const GRACE = 300;

function place(node: HTMLElement, anchor: Element | null): void {
  const box = anchor?.getBoundingClientRect();
  const left = box ? box.right - WIDTH / 2 : window.innerWidth / 2 - WIDTH / 2;
  const height = node.getBoundingClientRect().height;
  const below = box ? box.bottom + GAP : 80;
  const fits = below + height <= window.innerHeight;
  node.style.top = `${fits || !box ? below : Math.max(GAP, box.top - height - GAP)}px`;
  node.style.left = `${Math.max(8, Math.min(left, window.innerWidth - WIDTH - 8))}px`;
}

/** Close a passive popover when neither pointer nor focus is on it or on its anchor. */
function closeWhenLeft(node: HTMLElement, anchor: Element, close: () => void): void {
  let timer = 0;
  const isUsed = (): boolean =>
    [node, anchor].some(each => each.matches(':hover') || each.contains(document.activeElement));
  const look = (): void => {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => {
      if (!isUsed()) {
        close();
        anchor.removeEventListener('mouseleave', look);
        anchor.removeEventListener('blur', look);
      }
    }, GRACE);
  };
  for (const event of ['mouseleave', 'blur'] as const) {
    anchor.addEventListener(event, look);
  }
  node.addEventListener('mouseleave', look);
  node.addEventListener('focusout', look);
}

/** Show a popover; focus that is in it goes back to where it was when it closes. */
export function showPopover({ label, anchor, passive, content }: IPopover): IShownPopover {
  const before = document.activeElement;
  let widget: ReactWidget | null = null;
  const close = (): void => {
    const closing = widget;
    widget = null;
    const hadFocus = closing?.node.contains(document.activeElement);
    closing?.dispose();
    const back = passive ? anchor : before;
    if (hadFocus && back instanceof HTMLElement && back.isConnected) {
      back.focus();
    }
  };
  const shown = ReactWidget.create(content(close));
  widget = shown;
  const { node } = shown;
  node.classList.add('rt-ui', 'rt-popover');
  node.setAttribute('role', 'dialog');
  node.setAttribute('aria-label', label);
  node.addEventListener('keydown', event => {
    if (event.key === 'Escape') {
      event.stopPropagation();
      close();
    }
  });
  if (passive && anchor !== null) {
    closeWhenLeft(node, anchor, close);
  } else {
    node.addEventListener('focusout', event => {
      if (event.relatedTarget !== null && !node.contains(event.relatedTarget as Node)) {
        close();
      }
    });
  }
  Widget.attach(shown, document.body);
  place(node, anchor);
  void shown.renderPromise?.then(() => place(node, anchor));
  return {
    anchor,
    close,
    isOpen: () => widget !== null,
    focus: () => void shown.renderPromise?.then(() => node.querySelector('button')?.focus())
  };
}
