/** The page of one run: header, the notebook as executed, and what the run used and made. */

import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { RunPageModel } from '../../model/runpage';
import { TransContext, useTrans } from '../trans';
import { RenderingContext, type IRendering } from './cell';
import { Header } from './header';
import { PageHostContext, type IRunPageHost } from './host';
import { NotebookPane } from './notebookpane';
import { Sections } from './sections';
import { UnknownRun } from './unknownrun';

const SECTIONS = 5;

function Page(props: {
  readonly model: RunPageModel;
  readonly host: IRunPageHost;
}): React.JSX.Element {
  const { model, host } = props;
  const trans = useTrans();
  const [open, setOpen] = React.useState<ReadonlySet<number>>(new Set([0, 1, 2]));
  const toggle = (section: number): void => {
    const next = new Set(open);
    if (!next.delete(section)) {
      next.add(section);
    }
    setOpen(next);
  };
  const [isRenaming, setRenaming] = React.useState(false);
  const keys = (event: React.KeyboardEvent): void => {
    if (event.key === 'F2' && model.details !== null) {
      event.preventDefault();
      setRenaming(true);
      return;
    }
    const section = Number(event.key) - 1;
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
    if (
      plain &&
      section >= 0 &&
      section < SECTIONS &&
      !(event.target instanceof HTMLInputElement) &&
      !(event.target instanceof HTMLTextAreaElement)
    ) {
      event.preventDefault();
      toggle(section);
    }
  };
  const error = model.errors.get('run');
  if (model.unknown !== null) {
    return <UnknownRun model={model} host={host} reason={model.unknown} />;
  }
  return (
    <div className="rt-ui rt-page" onKeyDown={keys}>
      <Header model={model} host={host} isRenaming={isRenaming} onRename={setRenaming} />
      {error !== undefined && (
        <div className="rt-note rt-note-bad" role="alert">
          {trans.__('The run could not be read: %1', error)}{' '}
          <button type="button" className="rt-link" onClick={() => void model.load()}>
            {trans.__('Retry')}
          </button>
        </div>
      )}
      <div className="rt-split">
        <NotebookPane model={model} />
        <Sections model={model} open={open} onToggle={toggle} />
      </div>
    </div>
  );
}

export interface IRunPageOptions {
  readonly model: RunPageModel;
  readonly host: IRunPageHost;
  readonly rendering: IRendering;
  readonly trans: TranslationBundle;
}

/** The content of the main area's widget; disposes the model with itself. */
export class RunPage extends ReactWidget {
  constructor(private readonly _options: IRunPageOptions) {
    super();
    this.addClass('jp-RuntrackRunPage');
  }

  get model(): RunPageModel {
    return this._options.model;
  }

  override dispose(): void {
    this._options.model.dispose();
    super.dispose();
  }

  protected override render(): React.JSX.Element {
    const { model, host, rendering, trans } = this._options;
    return (
      <TransContext.Provider value={trans}>
        <RenderingContext.Provider value={rendering}>
          <PageHostContext.Provider value={host}>
            <UseSignal signal={model.changed}>{() => <Page model={model} host={host} />}</UseSignal>
          </PageHostContext.Provider>
        </RenderingContext.Provider>
      </TransContext.Provider>
    );
  }
}
