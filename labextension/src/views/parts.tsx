/** The small pieces that every view is made of. */

import type { LabIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { changeOf, firstLine, scalar, type IChange } from '../model/format';
import { highlight } from '../model/highlight';
import type { IMeasured, Scalar } from '../records';
import { useTrans } from './trans';

export interface IIconProps {
  readonly icon: LabIcon;
  readonly size?: number;
  readonly tone?: 'ok' | 'warn' | 'bad' | 'dim';
  /** What the icon says where no word beside it does. */
  readonly label?: string;
}

export function Icon({ icon, size = 14, tone, label }: IIconProps): React.JSX.Element {
  const Glyph = icon.react;
  const described = label
    ? { role: 'img', 'aria-label': label, title: label }
    : { 'aria-hidden': true };
  return (
    <span
      className={tone ? `rt-icon rt-${tone}` : 'rt-icon'}
      style={{ width: size, height: size }}
      {...described}
    >
      <Glyph tag="span" display="block" width={`${size}px`} height={`${size}px`} />
    </span>
  );
}

/** ▲ or ▼ with the difference; the direction is also said in words. */
export function Change({ change }: { readonly change: IChange }): React.JSX.Element {
  const trans = useTrans();
  if (change.direction === 'same') {
    return <span className="rt-dim">{trans.__('same')}</span>;
  }
  const up = change.direction === 'up';
  const label = up ? trans.__('up by %1', change.text) : trans.__('down by %1', change.text);
  return (
    <span className={`rt-${change.tone}`} role="img" aria-label={label}>
      {up ? '▲' : '▼'}
      {change.text}
    </span>
  );
}

export interface IMetricProps {
  readonly entry: IMeasured;
  readonly before?: Scalar;
}

export function Metric({ entry, before }: IMetricProps): React.JSX.Element {
  const change = changeOf(entry.name, entry.value, before);
  return (
    <span className="rt-metric">
      <i>{entry.name}</i>
      {scalar(entry.value)}
      {change !== null && change.direction !== 'same' && <Change change={change} />}
    </span>
  );
}

/** The first line of a cell, lightly coloured. */
export const CodeLine = React.memo(({ source }: { readonly source: string }) => {
  return (
    <code title={source.slice(0, 2000)}>
      {highlight(firstLine(source)).map((token, i) =>
        token.kind === 'text' ? (
          token.text
        ) : (
          <span key={i} className={`rt-tok-${token.kind}`}>
            {token.text}
          </span>
        )
      )}
    </code>
  );
});
CodeLine.displayName = 'CodeLine';

export interface IButtonProps {
  readonly icon?: LabIcon;
  readonly label: string;
  readonly title?: string;
  readonly primary?: boolean;
  readonly disabled?: boolean;
  readonly tabIndex?: number;
  readonly onClick: () => void;
}

export function Button(props: IButtonProps): React.JSX.Element {
  return (
    <button
      type="button"
      className={props.primary ? 'rt-btn rt-primary' : 'rt-btn'}
      title={props.title}
      disabled={props.disabled}
      tabIndex={props.tabIndex}
      onClick={event => {
        event.stopPropagation();
        props.onClick();
      }}
    >
      {props.icon && <Icon icon={props.icon} />}
      {props.label}
    </button>
  );
}

export function IconButton(
  props: Omit<IButtonProps, 'primary'> & { readonly icon: LabIcon }
): React.JSX.Element {
  return (
    <button
      type="button"
      className="rt-iconbtn"
      title={props.title ?? props.label}
      aria-label={props.label}
      disabled={props.disabled}
      tabIndex={props.tabIndex}
      onClick={event => {
        event.stopPropagation();
        props.onClick();
      }}
    >
      <Icon icon={props.icon} />
    </button>
  );
}
