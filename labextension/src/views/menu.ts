/** Opens the context menu of what a button stands in, for pointers without a second button. */

import type * as React from 'react';

/** Ask for the context menu at the button, as a click with the second button there would. */
export function openMenu(event: React.MouseEvent<HTMLElement>): void {
  event.stopPropagation();
  const { left, bottom } = event.currentTarget.getBoundingClientRect();
  event.currentTarget.dispatchEvent(
    new MouseEvent('contextmenu', {
      bubbles: true,
      cancelable: true,
      clientX: left,
      clientY: bottom
    })
  );
}
