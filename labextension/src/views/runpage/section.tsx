/** A section whose title line tells its main fact even when it is closed. */

import { caretDownIcon, caretRightIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { Icon } from '../parts';

export interface ISectionProps {
  readonly title: string;
  readonly summary: string;
  readonly isOpen: boolean;
  readonly onToggle: () => void;
  readonly children: React.ReactNode;
}

export function Section(props: ISectionProps): React.JSX.Element {
  const id = React.useId();
  return (
    <section>
      <button
        type="button"
        className="rt-section-title"
        aria-expanded={props.isOpen}
        aria-controls={id}
        onClick={props.onToggle}
      >
        <Icon icon={props.isOpen ? caretDownIcon : caretRightIcon} />
        <b>{props.title}</b>
        <span className="rt-sum">{props.summary}</span>
      </button>
      <div id={id} hidden={!props.isOpen} className="rt-section-body">
        {props.isOpen && props.children}
      </div>
    </section>
  );
}
