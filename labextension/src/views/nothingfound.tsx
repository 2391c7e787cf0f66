/** No run answers: which word is not known, the name that was perhaps meant, one button to clear. */

import { closeIcon, searchIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { lastValues, scalar } from '../model/format';
import type { HistoryModel } from '../model/history';
import { termText, type Term } from '../model/search';
import type { IRun } from '../records';
import { Button, Icon } from './parts';
import { useTrans } from './trans';

/** The highest value that a metric or parameter ever had; null where it is none. */
function highest(name: string, runs: readonly IRun[]): number | null {
  const values = runs
    .map(run => lastValues([...(run.metrics ?? []), ...(run.parameters ?? [])]).get(name)?.value)
    .filter((value): value is number => typeof value === 'number');
  // Without a spread: an argument for each of many thousand runs is too many.
  return values.length === 0 ? null : values.reduce((a, b) => Math.max(a, b));
}

function Unknown({ term }: { readonly term: Term }): React.JSX.Element | null {
  const trans = useTrans();
  if (term.kind === 'text') {
    return null;
  }
  if (term.kind === 'comparison') {
    return <>{trans.__('No run has a variable or metric called %1 of that value.', term.name)} </>;
  }
  const words = {
    changed: trans.__('No step changed a variable called %1.', term.value),
    file: trans.__('No step used a file called %1.', term.value),
    author: trans.__('Nobody called %1 made a run.', term.value),
    label: trans.__('No run has the label %1.', term.value)
  };
  return <>{words[term.key]} </>;
}

export function NothingFound({ model }: { readonly model: HistoryModel }): React.JSX.Element {
  const trans = useTrans();
  const { filter } = model;
  const { term, nearest } = filter.nothing(model.runs);
  const best = nearest === null ? null : highest(nearest, model.runs);
  return (
    <div className="rt-empty" role="status">
      <p>
        <Icon icon={searchIcon} size={16} />
        <b className="rt-strong">
          {term === null
            ? trans.__('No run has all of this')
            : trans.__('No run has %1', termText(term))}
        </b>
      </p>
      <p className="rt-dim">
        {term !== null && <Unknown term={term} />}
        {term !== null && nearest !== null && (
          <>
            {trans.__('Did you mean')}{' '}
            <button type="button" className="rt-link" onClick={() => filter.correct(term, nearest)}>
              {nearest}
            </button>
            ?{best !== null && ` ${trans.__('Its highest value is %1.', scalar(best))}`}
          </>
        )}
      </p>
      <div>
        <Button icon={closeIcon} label={trans.__('Clear search')} onClick={() => filter.clear()} />
      </div>
    </div>
  );
}
