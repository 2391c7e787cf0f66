/** What the server found for the terms of a search: asked once per term, after a moment without typing. */

import type { IFoundRuns, RuntrackApi } from '../api';
import { needsServer, serverTerm, type Term } from './search';

/** Where is searched; nothing of both: in all notebooks. */
export interface IWhere {
  readonly path?: string;
  readonly notebook_id?: string | null;
}

const PAUSE = 150;

export class FoundRuns {
  constructor(
    private readonly _api: RuntrackApi,
    private readonly _changed: () => void
  ) {}

  /** Search there from now on; what was found before is forgotten. */
  reset(where: IWhere): void {
    this._where = where;
    this._found.clear();
  }

  /** Look for these terms, unless they were looked for. */
  look(terms: readonly Term[]): void {
    this._wanted = terms.filter(term => needsServer(term)).map(serverTerm);
    globalThis.clearTimeout(this._timer);
    if (this._wanted.some(term => !this._found.has(term))) {
      this._timer = globalThis.setTimeout(() => void this._ask(), PAUSE);
    }
  }

  /** The runs that the server has for a term; undefined until it has answered. */
  runs(term: Term): ReadonlySet<string> | undefined {
    return this._found.get(serverTerm(term))?.ids;
  }

  nearest(term: Term): string | null {
    return this._found.get(serverTerm(term))?.nearest ?? null;
  }

  /** Whether an answer is still to come that can add runs. */
  isWaiting(terms: readonly Term[]): boolean {
    return terms.some(term => needsServer(term) && !this._found.has(serverTerm(term)));
  }

  dispose(): void {
    globalThis.clearTimeout(this._timer);
  }

  private async _ask(): Promise<void> {
    const where = this._where;
    const terms = this._wanted.filter(term => !this._found.has(term));
    await Promise.all(
      terms.map(async term => {
        let found: IFoundRuns = { run_ids: [], nearest: null };
        try {
          found = await this._api.foundRuns(term, where);
        } catch {
          // No server: what the list itself tells is searched all the same.
        }
        if (where === this._where) {
          this._found.set(term, { ids: new Set(found.run_ids), nearest: found.nearest });
        }
      })
    );
    this._changed();
  }

  private readonly _found = new Map<
    string,
    { readonly ids: ReadonlySet<string>; readonly nearest: string | null }
  >();
  private _timer: ReturnType<typeof setTimeout> | undefined;
  private _wanted: readonly string[] = [];
  private _where: IWhere = {};
}
