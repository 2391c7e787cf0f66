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
    _notebooks.forEach(panel => this.of(panel));
    _notebooks.widgetAdded.connect((_, panel) => this.of(panel));
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

  /** The record of a panel; it comes to be when somebody first asks. */
  of(panel: NotebookPanel): NotebookRecord {
    const known = this._records.get(panel.context);
    if (known !== undefined) {
      return known;
    }
    const record = new NotebookRecord(panel.context, this._api);
    this._records.set(panel.context, record);
    this._added.emit(record);
    return record;
  }

  /** Call back for every open notebook, and for those opened later. */
  each(callback: (record: NotebookRecord) => void): void {
    const known = new Set<NotebookRecord>();
    this._notebooks.forEach(panel => known.add(this.of(panel)));
    known.forEach(callback);
    this._added.connect((_, record) => callback(record));
  }

  /** The record of the open notebook at `path`. */
  at(path: string): NotebookRecord | null {
    const panel = this._notebooks.find(candidate => candidate.context.localPath === path);
    return panel ? this.of(panel) : null;
  }

  private readonly _added = new Signal<this, NotebookRecord>(this);
  private readonly _records = new WeakMap<
    DocumentRegistry.IContext<INotebookModel>,
    NotebookRecord
  >();
}
