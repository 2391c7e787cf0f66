/** What the list is narrowed to: terms as chips, the text being typed, and runs of some sorts. */

import type { IRun } from '../records';
import type { FoundRuns } from './found';
import { isLine } from './rows';
import { answers, nearest, termsOf, termText, type Term } from './search';

export type Sort = 'named' | 'starred';

/** Why nothing is found: the term that no run answers, and the name that was perhaps meant. */
export interface INothing {
  readonly term: Term | null;
  readonly nearest: string | null;
}

export class RunFilter {
  constructor(
    private readonly _found: FoundRuns,
    private readonly _changed: () => void
  ) {}

  /** What is being typed; it narrows the list as well. */
  get text(): string {
    return this._text;
  }
  set text(text: string) {
    this._text = text;
    // A space after a whole term of the language makes it a chip.
    const terms = termsOf(text);
    if (/\s$/.test(text) && terms.length > 0 && terms.every(term => term.kind !== 'text')) {
      this.accept();
      return;
    }
    this._emit();
  }

  get chips(): readonly Term[] {
    return this._chips;
  }

  get terms(): readonly Term[] {
    return [...this._chips, ...termsOf(this._text)];
  }

  /** Whether any run is left out, but for automatic ones. */
  get isOn(): boolean {
    return this.terms.length > 0 || this._sorts.size > 0;
  }

  get hidesAutomatic(): boolean {
    return this._hidesAutomatic;
  }
  set hidesAutomatic(hide: boolean) {
    this._hidesAutomatic = hide;
    this._emit();
  }

  has(sort: Sort): boolean {
    return this._sorts.has(sort);
  }

  toggle(sort: Sort): void {
    if (!this._sorts.delete(sort)) {
      this._sorts.add(sort);
    }
    this._emit();
  }

  /** Make chips of what was typed. */
  accept(): void {
    const known = new Set(this._chips.map(termText));
    const fresh = termsOf(this._text).filter(term => !known.has(termText(term)));
    this._chips = [...this._chips, ...fresh];
    this._text = '';
    this._emit();
  }

  remove(chip: Term): void {
    this._chips = this._chips.filter(each => each !== chip);
    this._emit();
  }

  /** Take the last chip back into the text, to change it. */
  reopen(): void {
    const last = this._chips[this._chips.length - 1];
    if (last !== undefined) {
      this._chips = this._chips.slice(0, -1);
      this._text = termText(last);
      this._emit();
    }
  }

  /** Put another name in the place of one that nothing answers to. */
  correct(term: Term, name: string): void {
    const right: Term =
      term.kind === 'comparison'
        ? { ...term, name }
        : term.kind === 'key'
          ? { ...term, value: name }
          : { ...term, text: name };
    const terms = this.terms.map(each => (termText(each) === termText(term) ? right : each));
    this._chips = terms;
    this._text = '';
    this._emit();
  }

  clear(): void {
    this._chips = [];
    this._text = '';
    this._sorts.clear();
    this._emit();
  }

  /** The runs that are left; the one with `head` stays though it made itself. */
  apply(runs: readonly IRun[], head: string | null | undefined): readonly IRun[] {
    const { terms } = this;
    return runs.filter(
      run =>
        (!this._hidesAutomatic || !isLine(run) || run.run_id === head) &&
        (!this._sorts.has('named') || Boolean(run.message)) &&
        (!this._sorts.has('starred') || run.starred === true) &&
        terms.every(term => this._answers(term, run))
    );
  }

  /** Whether the server has not answered yet for what it alone knows. */
  get isWaiting(): boolean {
    return this._found.isWaiting(this.terms);
  }

  /** Look again, since there are other runs. */
  renew(): void {
    this._found.look(this.terms);
  }

  /** Which term no run answers; none where each is answered, by different runs. */
  nothing(runs: readonly IRun[]): INothing {
    const term = this.terms.find(each => !runs.some(run => this._answers(each, run))) ?? null;
    if (term === null) {
      return { term, nearest: null };
    }
    const word = wordOf(term);
    return { term, nearest: nearest(word, namesFor(term, runs)) ?? this._found.nearest(term) };
  }

  private _answers(term: Term, run: IRun): boolean {
    return answers(term, run) || (this._found.runs(term)?.has(run.run_id) ?? false);
  }

  private _emit(): void {
    this._found.look(this.terms);
    this._changed();
  }

  private _chips: readonly Term[] = [];
  private _hidesAutomatic = false;
  private readonly _sorts = new Set<Sort>();
  private _text = '';
}

function wordOf(term: Term): string {
  return term.kind === 'text' ? term.text : term.kind === 'key' ? term.value : term.name;
}

function namesFor(term: Term, runs: readonly IRun[]): readonly string[] {
  if (term.kind === 'key') {
    return term.key === 'author'
      ? runs.map(run => run.author.name)
      : term.key === 'label'
        ? runs.flatMap(run => (run.labels ?? []).map(label => label.name))
        : [];
  }
  return runs.flatMap(run =>
    [...(run.metrics ?? []), ...(run.parameters ?? [])].map(entry => entry.name)
  );
}
