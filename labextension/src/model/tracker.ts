/** One record per open notebook; records die with their notebook. */

import type { DocumentRegistry } from '@jupyterlab/docregistry';
import type { INotebookModel, INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import { Signal, type ISignal } from '@lumino/signaling';

import type { RuntrackApi } from '../api';
import { NotebookRecord } from './notebookrecord';

/** Finds the record of a notebook panel; two views of one notebook share it. */
export class RecordTracker {
  constructor(
    private readonly _notebooks: INotebookTracker,
    private readonly _api: RuntrackApi
  ) {
    _notebooks.forEach(panel => this._add(panel));
    _notebooks.widgetAdded.connect((_, panel) => this._add(panel));
    _notebooks.currentChanged.connect(() => {
      (this.currentChanged as Signal<this, NotebookRecord | null>).emit(this.current);
    });
  }

  readonly currentChanged: ISignal<this, NotebookRecord | null> = new Signal<
    this,
    NotebookRecord | null
  >(this);

  /** The record of the notebook in front. */
  get current(): NotebookRecord | null {
    const panel = this._notebooks.currentWidget;
    return panel === null ? null : this.of(panel);
  }

  of(panel: NotebookPanel): NotebookRecord | null {
    return this._records.get(panel.context) ?? null;
  }

  /** Call back for every open notebook, and for those opened later. */
  each(callback: (record: NotebookRecord) => void): void {
    const known = new Set<NotebookRecord | null>();
    this._notebooks.forEach(panel => known.add(this.of(panel)));
    known.forEach(record => record !== null && callback(record));
    this._added.connect((_, record) => callback(record));
  }

  /** The record of the open notebook at `path`. */
  at(path: string): NotebookRecord | null {
    const panel = this._notebooks.find(candidate => candidate.context.localPath === path);
    return panel ? this.of(panel) : null;
  }

  private _add(panel: NotebookPanel): void {
    const { context } = panel;
    if (this._records.has(context)) {
      return;
    }
    const record = new NotebookRecord(context, this._api);
    this._records.set(context, record);
    this._added.emit(record);
  }

  private readonly _added = new Signal<this, NotebookRecord>(this);
  private readonly _records = new WeakMap<
    DocumentRegistry.IContext<INotebookModel>,
    NotebookRecord
  >();
}
