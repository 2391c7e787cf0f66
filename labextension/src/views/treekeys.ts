/** Arrow keys over the rows of the tree: one tab stop, focus follows. */

import * as React from 'react';

import type { HistoryModel } from '../model/history';
import { foldKey, isFocusable, type Row } from '../model/rows';
import { useHost, type IPanelHost } from './host';

export interface ITreeKeys {
  readonly model: HistoryModel;
  readonly list: React.RefObject<HTMLDivElement>;
  readonly rows: readonly Row[];
  readonly starts: readonly number[];
  readonly focus: string | null;
}

/** Open, close, or go to the parent or first child, as trees do. */
function sideways(row: Row, open: boolean, model: HistoryModel): string | null {
  if (row.kind === 'run') {
    if (model.isExpanded(row.run.run_id) !== open) {
      model.toggle(row.run.run_id, open);
    }
  } else if (row.kind === 'fold') {
    model.toggle(foldKey(row), open);
  } else if (row.kind === 'now') {
    model.toggleNow(open);
  } else if (row.kind === 'step' && !open) {
    return row.run?.run_id ?? 'now';
  }
  return null;
}

function act(key: string, row: Row, host: IPanelHost): boolean {
  if (row.kind === 'run' && key === 'Enter') {
    host.openRun(row.run);
  } else if (row.kind === 'run' && key === 'r') {
    host.restoreRun(row.run);
  } else if (row.kind === 'step' && (key === 'Enter' || key === 'r')) {
    host.restoreStep(row.step);
  } else {
    return false;
  }
  return true;
}

function target(key: string, index: number, rows: readonly Row[]): number | null {
  switch (key) {
    case 'ArrowDown':
      return Math.min(index + 1, rows.length - 1);
    case 'ArrowUp':
      return Math.max(index - 1, 0);
    case 'Home':
      return 0;
    case 'End':
      return rows.length - 1;
    case 'PageDown':
      return Math.min(index + 10, rows.length - 1);
    case 'PageUp':
      return Math.max(index - 10, 0);
    default:
      return null;
  }
}

export function useTreeKeys(options: ITreeKeys): (event: React.KeyboardEvent) => void {
  const { model, list, rows, starts, focus } = options;
  const host = useHost();
  const wanted = React.useRef<string | null>(null);

  React.useLayoutEffect(() => {
    const node = list.current;
    if (wanted.current === null || node === null) {
      return;
    }
    const key = wanted.current;
    const row = node.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`);
    if (row !== null) {
      wanted.current = null;
      row.focus({ preventScroll: true });
    }
  });

  const { renaming } = model;
  const renamed = React.useRef<string | null>(null);
  React.useLayoutEffect(() => {
    // The field took the focus with it when it went.
    if (renaming === null && renamed.current !== null && document.activeElement === document.body) {
      const row = `[data-key="${CSS.escape(renamed.current)}"]`;
      list.current?.querySelector<HTMLElement>(row)?.focus({ preventScroll: true });
    }
    renamed.current = renaming;
  }, [renaming, list]);

  const go = (key: string): void => {
    const index = rows.findIndex(row => row.key === key);
    const node = list.current;
    if (index < 0 || node === null) {
      return;
    }
    const [start, end] = [starts[index], starts[index + 1]];
    if (start < node.scrollTop) {
      node.scrollTop = start;
    } else if (end > node.scrollTop + node.clientHeight) {
      node.scrollTop = end - node.clientHeight;
    }
    wanted.current = key;
    model.focus = key;
  };

  return event => {
    const stops = rows.filter(isFocusable);
    const index = stops.findIndex(row => row.key === focus);
    const row = stops[index];
    const onRow = (event.target as HTMLElement).getAttribute('role') === 'treeitem';
    if (row === undefined || !onRow || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    const next = target(event.key, index, stops);
    if (next !== null) {
      go(stops[next].key);
    } else if (event.key === 'ArrowRight' || event.key === 'ArrowLeft') {
      const parent = sideways(row, event.key === 'ArrowRight', model);
      if (parent !== null) {
        go(parent);
      }
    } else if (!act(event.key, row, host)) {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  };
}
