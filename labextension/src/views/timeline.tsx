/** The history as a tree; only the rows that are seen are in the page. */

import { caretDownIcon, caretRightIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { HistoryModel } from '../model/history';
import { dayTitle, runNumber } from '../model/format';
import {
  foldKey,
  hasFailed,
  isFocusable,
  isLine,
  lanesOf,
  offsets,
  visible,
  type Row
} from '../model/rows';
import { warningIcon } from '../icons';
import type { IGap, IRun } from '../records';
import { useHost } from './host';
import { NowActions, NowRow } from './now';
import { Button, Icon } from './parts';
import { Rail, railWidth, type NodeKind } from './rail';
import { RunRow } from './runrow';
import { StepRow } from './steprow';
import { useTreeKeys } from './treekeys';
import { useTrans } from './trans';

/** Rows beyond the edges, so that a quick scroll shows no hole. */
const MARGIN = 300;

function GapNote({ gap }: { readonly gap: IGap }): React.JSX.Element {
  const text = `${gap.subject}: ${gap.reason}`;
  return (
    <div className="rt-row-body rt-why" title={text}>
      <Icon icon={warningIcon} size={12} tone="warn" />
      <span className="rt-ellipsis">{text}</span>
    </div>
  );
}

function RunActions({ row }: { readonly row: Row & { kind: 'actions' } }): React.JSX.Element {
  const trans = useTrans();
  const host = useHost();
  return (
    <div className="rt-row-body rt-acts">
      <Button label={trans.__('Open')} tabIndex={-1} onClick={() => host.openRun(row.run)} />
      <Button label={trans.__('Restore…')} tabIndex={-1} onClick={() => host.restoreRun(row.run)} />
    </div>
  );
}

/** Steps that are read, or why they could not be. */
function WaitRow(props: { readonly run: IRun; readonly model: HistoryModel }): React.JSX.Element {
  const trans = useTrans();
  const { run, model } = props;
  const error = model.steps.errors.get(run.run_id);
  if (error === undefined) {
    return <div className="rt-row-body rt-dim">{trans.__('reading…')}</div>;
  }
  return (
    <div className="rt-row-body rt-why" title={error}>
      <Icon icon={warningIcon} size={12} tone="warn" />
      <span className="rt-ellipsis">{trans.__('The steps could not be read: %1', error)}</span>
      <button
        type="button"
        className="rt-link"
        tabIndex={-1}
        onClick={() => void model.steps.read(run.run_id)}
      >
        {trans.__('Retry')}
      </button>
    </div>
  );
}

/** Runs that made themselves, in one line. */
function FoldRow({ row }: { readonly row: Row & { kind: 'fold' } }): React.JSX.Element {
  const trans = useTrans();
  const { runs } = row;
  return (
    <div className="rt-row-body rt-fold">
      <Icon icon={row.expanded ? caretDownIcon : caretRightIcon} size={12} />
      <span className="rt-grow rt-ellipsis rt-dim">
        {row.branches > 0
          ? trans._n('+%1 branch', '+%1 branches', row.branches)
          : trans.__('%1 automatic runs', runs.length)}
      </span>
      <span className="rt-dim rt-number">
        {runs.length === 1
          ? runNumber(runs[0])
          : `${runNumber(runs[runs.length - 1])} – ${runNumber(runs[0])}`}
      </span>
    </div>
  );
}

function nodeOf(row: Row & { kind: 'run' }, here: boolean): NodeKind {
  if (here) {
    return 'here';
  }
  if (hasFailed(row.run)) {
    return 'failed';
  }
  return isLine(row.run) ? 'auto' : 'run';
}

interface IRowProps {
  readonly row: Row;
  readonly model: HistoryModel;
  readonly head: string | null | undefined;
  readonly lanes: number;
}

function RowContent({ row, model, head, lanes }: IRowProps): React.JSX.Element {
  const trans = useTrans();
  const below = model.runs.length > 0 && head !== null;
  switch (row.kind) {
    case 'now':
      return (
        <>
          <Rail row={null} node="now" dashed lineBelow={below || model.stepsNow.length > 0} />
          <NowRow model={model} />
        </>
      );
    case 'now-note':
    case 'now-actions':
      return (
        <>
          <Rail row={null} dashed lineBelow={below || model.stepsNow.length > 0} />
          {row.kind === 'now-note' ? <GapNote gap={row.gap} /> : <NowActions model={model} />}
        </>
      );
    case 'day':
      return (
        <>
          <Rail row={row.rail} lanes={lanes} />
          <div className="rt-row-body rt-day">{dayTitle(row.at, trans)}</div>
        </>
      );
    case 'run':
      return (
        <>
          <Rail row={row.rail} lanes={lanes} node={nodeOf(row, row.run.run_id === head)} />
          <RunRow
            run={row.run}
            before={metric => model.before(row.run, metric)}
            isHere={row.run.run_id === head}
            isRenaming={row.run.run_id === model.renaming}
            notebook={model.scope === 'all' ? model.notebookOf(row.run) : null}
          />
        </>
      );
    case 'fold':
      return (
        <>
          <Rail
            row={row.rail}
            node={row.expanded || row.branches > 0 ? undefined : 'auto'}
            lanes={lanes}
          />
          <FoldRow row={row} />
        </>
      );
    case 'note':
      return (
        <>
          <Rail row={row.rail} lanes={lanes} />
          <GapNote gap={row.gap} />
        </>
      );
    case 'wait':
      return (
        <>
          <Rail row={row.rail} lanes={lanes} />
          <WaitRow run={row.run} model={model} />
        </>
      );
    case 'step':
      return (
        <>
          <Rail row={row.rail} dashed={row.run === null} />
          <StepRow step={row.step} />
        </>
      );
    case 'actions':
      return (
        <>
          <Rail row={row.rail} lanes={lanes} />
          <RunActions row={row} />
        </>
      );
  }
}

function useViewport(node: React.RefObject<HTMLDivElement>): readonly [number, number] {
  const [view, setView] = React.useState<readonly [number, number]>([0, 600]);
  React.useLayoutEffect(() => {
    const list = node.current;
    if (list === null) {
      return undefined;
    }
    const read = (): void => setView([list.scrollTop, list.clientHeight]);
    const observer = new ResizeObserver(read);
    observer.observe(list);
    list.addEventListener('scroll', read, { passive: true });
    read();
    return () => {
      observer.disconnect();
      list.removeEventListener('scroll', read);
    };
  }, [node]);
  return view;
}

/** Attributes that make a row an item of the tree, or leave it out of it. */
function treeItem(row: Row, model: HistoryModel, selected: boolean): React.HTMLAttributes<Element> {
  if (!isFocusable(row)) {
    return { role: 'none' };
  }
  const level = row.kind === 'step' || (row.kind === 'run' && row.folded) ? 2 : 1;
  const expanded =
    row.kind === 'run' || row.kind === 'fold'
      ? row.expanded
      : row.kind === 'now'
        ? model.isNowExpanded
        : undefined;
  const place =
    row.kind === 'run' ? { 'aria-posinset': row.position, 'aria-setsize': model.shown.length } : {};
  return {
    role: 'treeitem',
    'aria-level': level,
    'aria-expanded': expanded,
    'aria-selected': selected,
    ...place
  };
}

export interface ITimelineProps {
  readonly model: HistoryModel;
  readonly label: string;
}

export function Timeline({ model, label }: ITimelineProps): React.JSX.Element {
  const list = React.useRef<HTMLDivElement>(null);
  const host = useHost();
  const [top, height] = useViewport(list);
  const rows = model.rows;
  const starts = React.useMemo(() => offsets(rows), [rows]);
  const [first, end] = visible(starts, top - MARGIN, top + height + MARGIN);
  const chosen = rows.some(row => row.key === model.focus);
  const focus = chosen ? model.focus : (rows.find(isFocusable)?.key ?? null);
  const onKeyDown = useTreeKeys({ model, list, rows, starts, focus });
  const head = model.head;
  const lanes = React.useMemo(() => lanesOf(rows), [rows]);

  const click = (row: Row): void => {
    if (!isFocusable(row)) {
      return;
    }
    const again = model.focus === row.key;
    model.focus = row.key;
    if (row.kind === 'run' && (again || !model.isExpanded(row.run.run_id))) {
      model.toggle(row.run.run_id);
    } else if (row.kind === 'fold') {
      model.toggle(foldKey(row));
    } else if (row.kind === 'now') {
      model.toggleNow();
    }
  };

  return (
    <div
      className="rt-list"
      style={{ '--rt-rail': `${railWidth(lanes)}px` } as React.CSSProperties}
      role="tree"
      aria-label={label}
      ref={list}
      onKeyDown={onKeyDown}
    >
      <div style={{ height: starts[starts.length - 1] }} role="none" />
      {rows.slice(first, end).map((row, i) => {
        const selected = row.key === model.focus;
        const within = 'run' in row && row.run !== null && row.run.run_id === model.focus;
        return (
          <div
            key={row.key}
            className={`rt-row rt-row-${row.kind}${selected || within ? ' rt-selected' : ''}${
              row.kind === 'run' ? ' rt-run' : ''
            }`}
            style={{ top: starts[first + i], height: row.height }}
            data-key={row.key}
            data-run-id={row.kind === 'run' ? row.run.run_id : undefined}
            data-step-id={row.kind === 'step' ? row.step.step_id : undefined}
            tabIndex={isFocusable(row) ? (row.key === focus ? 0 : -1) : undefined}
            onClick={() => click(row)}
            onDoubleClick={() => row.kind === 'run' && host.openRun(row.run)}
            {...treeItem(row, model, selected)}
          >
            <RowContent row={row} model={model} head={head} lanes={lanes} />
          </div>
        );
      })}
    </div>
  );
}
