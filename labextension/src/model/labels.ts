/** Labels as people type and read them: `review`, or `kind: baseline`. */

import type { IMeasured, Scalar } from '../records';
import { scalar } from './format';

export interface ILabel {
  readonly name: string;
  readonly value: Scalar;
}

/** Read what was typed; null where it names nothing. A name alone has the value true. */
export function parseLabel(text: string): ILabel | null {
  const [, before, after] = /^([^:=]*)[:=]?(.*)$/s.exec(text) ?? [];
  const name = before.trim();
  const value = after.trim();
  return name === '' ? null : { name, value: value === '' ? true : valueOf(value) };
}

function valueOf(text: string): Scalar {
  if (/^(true|false)$/i.test(text)) {
    return text.toLowerCase() === 'true';
  }
  const number = Number(text);
  // A number that reads back otherwise, such as a version 1.10, is meant as text.
  return Number.isFinite(number) && String(number) === text ? number : text;
}

/** How a label is shown. */
export function labelText(label: IMeasured | ILabel): string {
  return label.value === true ? label.name : `${label.name}: ${scalar(label.value)}`;
}
