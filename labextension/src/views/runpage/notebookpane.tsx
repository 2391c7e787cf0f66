/** The notebook as executed: in the order of the document, or in the order in which it ran. */

import type * as nbformat from '@jupyterlab/nbformat';
import * as React from 'react';

import { countOf } from '../../model/format';
import type { RunPageModel } from '../../model/runpage';
import type { IStep } from '../../records';
import { Loading } from '../empty';
import { useTrans } from '../trans';
import { CodeCell, Markdown, Near } from './cell';

type Order = 'document' | 'executed';

function textOf(source: nbformat.MultilineString): string {
  return Array.isArray(source) ? source.join('') : source;
}

function DocumentCell({ cell }: { readonly cell: nbformat.ICell }): React.JSX.Element {
  const source = textOf(cell.source);
  if (cell.cell_type === 'markdown') {
    return (
      <Near lines={source.split('\n').length}>
        <div className="rt-cell">
          <span className="rt-prompt" />
          <Markdown source={source} />
        </div>
      </Near>
    );
  }
  const code = cell as nbformat.ICodeCell;
  const count = cell.cell_type === 'code' ? `[${code.execution_count ?? ' '}]` : '';
  return <CodeCell count={count} source={source} outputs={code.outputs ?? []} />;
}

function ExecutedCell({ step }: { readonly step: IStep }): React.JSX.Element {
  const outputs = React.useMemo(
    () => (step.outputs ?? []) as unknown as nbformat.IOutput[],
    [step]
  );
  const shown = outputs.some(output => output.output_type === 'error');
  return (
    <CodeCell
      count={countOf(step)}
      source={step.source}
      outputs={outputs}
      note={shown ? undefined : step.error}
    />
  );
}

function Cells(props: { readonly model: RunPageModel; readonly order: Order }): React.JSX.Element {
  const { model, order } = props;
  const trans = useTrans();
  const part = order === 'document' ? 'document' : 'steps';
  const error = model.errors.get(part);
  if (error !== undefined) {
    return <p className="rt-note rt-note-bad">{error}</p>;
  }
  if (order === 'document' ? model.document === null : model.steps === null) {
    return <Loading />;
  }
  if (order === 'executed') {
    const steps = model.steps ?? [];
    return (
      <>
        {steps.length === 0 && (
          <p className="rt-dim rt-pane-note">
            {trans.__('No cell ran between this run and the one above.')}
          </p>
        )}
        {steps.map(step => (
          <ExecutedCell key={step.step_id} step={step} />
        ))}
      </>
    );
  }
  const cells = model.document?.cells ?? [];
  return (
    <>
      {cells.map((cell, i) => (
        <DocumentCell key={typeof cell.id === 'string' ? cell.id : i} cell={cell} />
      ))}
    </>
  );
}

export function NotebookPane({ model }: { readonly model: RunPageModel }): React.JSX.Element {
  const trans = useTrans();
  const [order, setOrder] = React.useState<Order>('document');
  const origin = model.details?.run.document_origin;
  const choice = (value: Order, label: string): React.JSX.Element => (
    <button
      type="button"
      className="rt-btn"
      aria-pressed={order === value}
      onClick={() => setOrder(value)}
    >
      {label}
    </button>
  );
  return (
    <section className="rt-pane" aria-label={trans.__('Notebook as executed')}>
      <div className="rt-section-title rt-fixed">
        <b className="rt-grow rt-ellipsis">{trans.__('Notebook as executed')}</b>
        <span className="rt-segments">
          {choice('document', trans.__('Document order'))}
          {choice('executed', trans.__('Executed order'))}
        </span>
      </div>
      <div className="rt-cells" tabIndex={0}>
        {origin === 'reconstructed' && order === 'document' && (
          <p className="rt-note rt-note-info rt-pane-note">
            {trans.__('Put together from the steps: no front end handed the document over.')}
          </p>
        )}
        {origin === 'file' && order === 'document' && (
          <p className="rt-note rt-note-info rt-pane-note">
            {trans.__('The document as it was saved on disk; unsaved edits are not in it.')}
          </p>
        )}
        <Cells model={model} order={order} />
      </div>
    </section>
  );
}
