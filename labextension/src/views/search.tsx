/** The search: a field, the terms that were recognised as chips, and runs of some sorts. */

import { closeIcon, searchIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { Sort } from '../model/filter';
import type { HistoryModel } from '../model/history';
import { termText } from '../model/search';
import { Icon } from './parts';
import { useTrans } from './trans';

function focusList(from: HTMLElement): void {
  const panel = from.closest('.rt-panel');
  panel?.querySelector<HTMLElement>('[role="treeitem"][tabindex="0"]')?.focus();
}

function Chips({ model }: { readonly model: HistoryModel }): React.JSX.Element {
  const trans = useTrans();
  const { filter } = model;
  const sort = (value: Sort, label: string, title: string): React.JSX.Element => (
    <button
      type="button"
      className="rt-chip"
      aria-pressed={filter.has(value)}
      title={title}
      onClick={() => filter.toggle(value)}
    >
      {label}
    </button>
  );
  return (
    <div className="rt-chips" role="group" aria-label={trans.__('Filter')}>
      {filter.chips.map(chip => (
        <button
          key={termText(chip)}
          type="button"
          className="rt-chip rt-chip-term"
          title={trans.__('Remove %1', termText(chip))}
          aria-label={trans.__('Remove %1', termText(chip))}
          onClick={() => filter.remove(chip)}
        >
          <span className="rt-ellipsis">{termText(chip)}</span>
          <Icon icon={closeIcon} size={10} />
        </button>
      ))}
      {sort('named', trans.__('Named'), trans.__('Runs with a message'))}
      {sort('starred', trans.__('Starred'), trans.__('Runs with a star'))}
    </div>
  );
}

export function Search({ model }: { readonly model: HistoryModel }): React.JSX.Element {
  const trans = useTrans();
  const { filter } = model;
  const keys = (event: React.KeyboardEvent<HTMLInputElement>): void => {
    const field = event.currentTarget;
    if (event.key === 'Escape') {
      event.stopPropagation();
      if (filter.isOn) {
        filter.clear();
      } else {
        focusList(field);
      }
    } else if (event.key === 'ArrowDown') {
      event.preventDefault();
      focusList(field);
    } else if (event.key === 'Enter') {
      filter.accept();
    } else if (event.key === 'Backspace' && filter.text === '') {
      event.preventDefault();
      filter.reopen();
    }
  };
  return (
    <div className="rt-panel-find">
      <div className="rt-field">
        <Icon icon={searchIcon} />
        <input
          type="text"
          role="searchbox"
          className="rt-search"
          aria-label={trans.__('Search runs')}
          placeholder={
            model.scope === 'all'
              ? trans.__('Search runs in all notebooks')
              : trans.__('Search messages, variables, values')
          }
          title={trans.__(
            'Text, accuracy > 0.82, changed:df, file:x.csv, author:Maya, label:review; Enter keeps a term'
          )}
          value={filter.text}
          onChange={event => {
            filter.text = event.target.value;
          }}
          onKeyDown={keys}
        />
        <kbd aria-hidden="true">/</kbd>
      </div>
      <Chips model={model} />
    </div>
  );
}
