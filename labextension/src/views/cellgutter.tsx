/** Puts the hints below the prompts of a notebook's cells; one view per open notebook. */

import type { CodeCell } from '@jupyterlab/cells';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import { editIcon, type LabIcon } from '@jupyterlab/ui-components';
import type { IDisposable } from '@lumino/disposable';
import * as React from 'react';

import { hiddenIcon, orderIcon, staleIcon } from '../icons';
import type { CellHints } from '../model/cellhints';
import type { Hint } from '../model/hints';
import { HintCard, hintReason, hintWord } from './hintcard';
import { showPopover, type IShownPopover } from './popover';

const ICONS: Readonly<Record<Hint['kind'], LabIcon>> = {
  edited: editIcon,
  stale: staleIcon,
  hidden: hiddenIcon,
  order: orderIcon
};

/** Typing is not interrupted: the hints follow when it pauses. */
const PAUSE = 200;

export interface ICellGutterOptions {
  readonly panel: NotebookPanel;
  readonly hints: CellHints;
  readonly trans: TranslationBundle;
  readonly run: (panel: NotebookPanel, cells: readonly CodeCell[]) => void;
}

export class CellGutter implements IDisposable {
  constructor(private readonly _options: ICellGutterOptions) {
    const { panel, hints } = _options;
    hints.changed.connect(this._later, this);
    hints.record.changed.connect(this._later, this);
    panel.content.modelContentChanged.connect(this._later, this);
    panel.content.cellInViewportChanged.connect(this._later, this);
    panel.disposed.connect(this.dispose, this);
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** Look again now, as when the notebook comes to the front. */
  refresh(): void {
    const { panel, hints } = this._options;
    hints.isActive = panel.isVisible && this._isEnabled;
    this._later();
  }

  get isEnabled(): boolean {
    return this._isEnabled;
  }
  set isEnabled(enabled: boolean) {
    this._isEnabled = enabled;
    this.refresh();
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      window.clearTimeout(this._timer);
      const { panel, hints } = this._options;
      hints.changed.disconnect(this._later, this);
      hints.record.changed.disconnect(this._later, this);
      if (!panel.isDisposed) {
        panel.content.modelContentChanged.disconnect(this._later, this);
        panel.content.cellInViewportChanged.disconnect(this._later, this);
      }
      hints.dispose();
    }
  }

  private _later(): void {
    window.clearTimeout(this._timer);
    this._timer = window.setTimeout(() => this._update(), PAUSE);
  }

  private _update(): void {
    const { panel, hints } = this._options;
    if (this._isDisposed || panel.isDisposed || !panel.isVisible) {
      return;
    }
    const cells = panel.content.widgets.filter(
      (cell): cell is CodeCell => cell.model.type === 'code'
    );
    const now = cells.map(cell => ({
      cell_id: cell.model.id,
      source: cell.model.sharedModel.getSource()
    }));
    const found: ReadonlyMap<string, Hint> = this._isEnabled ? hints.of(now) : new Map();
    const kept = new Set<HTMLElement>();
    for (const cell of cells) {
      const hint = found.get(cell.model.id);
      const area = cell.inputArea?.node;
      if (hint !== undefined && area !== undefined) {
        kept.add(this._place(cell, area, hint));
      }
    }
    for (const node of Array.from(panel.content.node.querySelectorAll<HTMLElement>('.rt-hint'))) {
      if (!kept.has(node)) {
        node.remove();
      }
    }
  }

  /** Put a hint into a cell, or leave it where it says the same already. */
  private _place(cell: CodeCell, area: HTMLElement, hint: Hint): HTMLElement {
    const { trans } = this._options;
    const said = hintReason(hint, trans).join('. ');
    const old = area.querySelector<HTMLElement>(':scope > .rt-hint');
    if (old !== null && old.getAttribute('aria-label') === said) {
      this._shown.set(old, hint);
      return old;
    }
    old?.remove();
    const node = document.createElement('button');
    node.type = 'button';
    node.className = `rt-ui rt-hint rt-hint-${hint.kind}`;
    node.setAttribute('aria-label', said);
    node.append(
      ICONS[hint.kind].element({ tag: 'span', width: '12px', height: '12px' }),
      hintWord(hint, trans)
    );
    this._shown.set(node, hint);
    this._listen(node, cell);
    area.append(node);
    return node;
  }

  private _listen(node: HTMLButtonElement, cell: CodeCell): void {
    let timer = 0;
    node.addEventListener('mouseenter', () => {
      timer = window.setTimeout(() => this._explain(node, cell), 250);
    });
    node.addEventListener('mouseleave', () => window.clearTimeout(timer));
    node.addEventListener('focus', () => this._explain(node, cell));
    node.addEventListener('click', event => {
      event.stopPropagation();
      this._explain(node, cell).focus();
    });
    node.addEventListener('keydown', event => {
      // Enter and Space belong to this button here, not to the notebook.
      event.stopPropagation();
      if (event.key === 'Escape') {
        this._card?.close();
      }
    });
  }

  private _explain(node: HTMLElement, cell: CodeCell): IShownPopover {
    if (this._card !== null && this._card.isOpen() && this._card.anchor === node) {
      return this._card;
    }
    this._card?.close();
    const { panel, hints, trans, run } = this._options;
    const hint = this._shown.get(node) as Hint;
    const below = new Set(hint.below);
    const cells = (): CodeCell[] =>
      panel.content.widgets.filter((each): each is CodeCell => below.has(each.model.id));
    this._card = showPopover({
      label: hintReason(hint, trans)[0],
      anchor: node,
      passive: true,
      content: close => (
        <HintCard
          hint={hint}
          trans={trans}
          onRun={() => {
            close();
            run(panel, cells());
          }}
          onIgnore={() => {
            close();
            hints.ignore(hint);
            cell.node.focus();
          }}
        />
      )
    });
    return this._card;
  }

  private _card: IShownPopover | null = null;
  private _isDisposed = false;
  private _isEnabled = true;
  private readonly _shown = new WeakMap<HTMLElement, Hint>();
  private _timer = 0;
}
