/** The side panel "Runs": header, search and the history of the notebook in front. */

import type { TranslationBundle } from '@jupyterlab/translation';
import { filterDotIcon, filterListIcon, ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import * as React from 'react';

import type { HistoryModel } from '../model/history';
import { runsIcon } from '../icons';
import { Failure, Loading, Paused, Recent, RecordingIsOn } from './empty';
import { HostContext, type IPanelHost } from './host';
import { NothingFound } from './nothingfound';
import { PanelHead } from './panelhead';
import { Icon } from './parts';
import { Search } from './search';
import { Timeline } from './timeline';
import { TransContext, useTrans } from './trans';

function Banner({ model }: { readonly model: HistoryModel }): React.JSX.Element | null {
  const trans = useTrans();
  const { record } = model;
  if (record?.recording === 'off') {
    const own = record.metadata.enabled === false;
    const text = own
      ? trans.__('Recording is paused for this notebook.')
      : trans.__('Not recorded: %1', record.whyOff);
    return <Paused text={text} canResume={true} />;
  }
  if (record?.recording === 'absent') {
    return (
      <Paused
        text={trans.__(
          'Not recorded in this kernel: Runtrack is not installed in its environment, or was not loaded. Earlier runs can be read.'
        )}
        canResume={false}
      />
    );
  }
  return null;
}

function Summary({ model }: { readonly model: HistoryModel }): React.JSX.Element {
  const trans = useTrans();
  const { filter } = model;
  const total = model.runs.length;
  const count = model.stepsNow.length;
  const shown = model.shown.length;
  const isAll = model.scope === 'all';
  const text =
    model.state === 'loading'
      ? trans.__('reading…')
      : isAll && !filter.isOn
        ? trans._n('%1 notebook', '%1 notebooks', model.notebooks.length)
        : shown !== total
          ? trans.__('%1 of %2 runs', shown, total)
          : total > 0
            ? trans._n('%1 run', '%1 runs', total)
            : trans._n('%1 step, no run yet', '%1 steps, no run yet', count);
  return (
    <div className="rt-section-title rt-fixed">
      <b>{isAll && !filter.isOn ? trans.__('Recent') : trans.__('History')}</b>
      <span className="rt-sum">{text}</span>
      {!isAll && total > 0 && (
        <button
          type="button"
          className="rt-iconbtn"
          aria-pressed={filter.hidesAutomatic}
          aria-label={trans.__('Hide automatic runs')}
          title={
            filter.hidesAutomatic
              ? trans.__('Automatic runs are hidden')
              : trans.__('Hide automatic runs')
          }
          onClick={() => {
            filter.hidesAutomatic = !filter.hidesAutomatic;
          }}
        >
          <Icon icon={filter.hidesAutomatic ? filterDotIcon : filterListIcon} />
        </button>
      )}
    </div>
  );
}

function Body({ model }: { readonly model: HistoryModel }): React.JSX.Element {
  const trans = useTrans();
  const { record } = model;
  if (model.state === 'loading' && model.runs.length === 0 && model.stepsNow.length === 0) {
    return <Loading key={record?.path ?? ''} />;
  }
  const { filter } = model;
  if (filter.isOn && model.shown.length === 0) {
    return filter.isWaiting || model.state === 'loading' ? (
      <Loading />
    ) : (
      <NothingFound model={model} />
    );
  }
  if (model.scope === 'all' || record === null) {
    return filter.isOn ? (
      <Timeline model={model} label={trans.__('Runs in all notebooks')} />
    ) : (
      <Recent notebooks={model.notebooks} />
    );
  }
  const isNew = model.runs.length === 0 && model.stepsNow.length === 0;
  if (isNew && record.recording === 'on') {
    return <RecordingIsOn store={record.store} />;
  }
  if (isNew && record.recording !== 'no-kernel') {
    return (
      <div className="rt-empty">
        <p className="rt-dim">{trans.__('This notebook has no runs.')}</p>
      </div>
    );
  }
  return <Timeline model={model} label={trans.__('Runs of %1', record.path)} />;
}

function Panel({ model }: { readonly model: HistoryModel }): React.JSX.Element {
  const { record } = model;
  const isAll = model.scope === 'all';
  const hasHistory = isAll
    ? model.notebooks.length > 0
    : model.runs.length > 0 || model.stepsNow.length > 0;
  const focusSearch = (event: React.KeyboardEvent<HTMLDivElement>): void => {
    if (event.key === '/' && !(event.target instanceof HTMLInputElement)) {
      event.preventDefault();
      event.currentTarget.querySelector<HTMLElement>('.rt-search')?.focus();
    }
  };
  return (
    <div className="rt-ui rt-panel" onKeyDown={focusSearch}>
      <PanelHead model={model} />
      {!isAll && <Banner model={model} />}
      {model.state === 'error' && (
        <Failure
          error={model.error}
          hasRuns={hasHistory}
          isRecording={record?.recording === 'on'}
        />
      )}
      {hasHistory && (
        <>
          <Search model={model} />
          <Summary model={model} />
        </>
      )}
      {(model.state !== 'error' || hasHistory) && <Body model={model} />}
    </div>
  );
}

export interface IRunsPanelOptions {
  readonly model: HistoryModel;
  readonly host: IPanelHost;
  readonly trans: TranslationBundle;
}

/** Shows the model while it is visible; a hidden panel leaves the model inactive. */
export class RunsPanel extends ReactWidget {
  constructor(private readonly _options: IRunsPanelOptions) {
    super();
    this.id = 'runtrack-runs';
    this.title.icon = runsIcon;
    this.title.caption = _options.trans.__('Runs: what ran here, and the way back');
    this.addClass('jp-RuntrackPanel');
  }

  /** Move the focus into the list, or to the search where there is no list. */
  focus(): void {
    const wanted = ['[role="treeitem"][tabindex="0"]', '.rt-search', 'button'];
    const found = wanted.map(selector => this.node.querySelector<HTMLElement>(selector));
    found.find(node => node !== null)?.focus();
  }

  protected override render(): React.JSX.Element {
    const { model, host, trans } = this._options;
    return (
      <TransContext.Provider value={trans}>
        <HostContext.Provider value={host}>
          <UseSignal signal={model.changed}>{() => <Panel model={model} />}</UseSignal>
        </HostContext.Provider>
      </TransContext.Provider>
    );
  }

  protected override onBeforeShow(msg: Message): void {
    super.onBeforeShow(msg);
    this._options.model.isActive = true;
  }

  protected override onAfterHide(msg: Message): void {
    super.onAfterHide(msg);
    this._options.model.isActive = false;
  }
}
