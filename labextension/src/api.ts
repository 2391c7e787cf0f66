/** The REST of Runtrack's server part, typed; `openapi.yaml` is the norm. */

import { URLExt } from '@jupyterlab/coreutils';
import type * as nbformat from '@jupyterlab/nbformat';
import { ServerConnection } from '@jupyterlab/services';

import type {
  DocumentOrigin,
  IDataFile,
  IEnvironment,
  IGap,
  IPosition,
  IRebuild,
  IRun,
  IStep,
  Scalar
} from './records';

export const NAMESPACE = 'runtrack/api';

/** What the server refused, with the stable `kind` that programs compare. */
export class RuntrackError extends Error {
  constructor(
    readonly kind: string,
    message: string,
    readonly status = 0
  ) {
    super(message);
  }
}

export interface IStatus {
  readonly version: string;
  readonly format_version: number;
  readonly recording: boolean;
  readonly why_off: string;
  readonly store: { readonly path: string; readonly exists: boolean; readonly writable: boolean };
}

export interface IRecordingSettings {
  readonly enabled: boolean;
  readonly after_run_all: boolean;
  readonly record_values: boolean;
}

export interface INotebookSummary {
  readonly notebook_id: string;
  readonly path: string;
  readonly name: string;
  readonly run_count: number;
  readonly last_run: IRun | null;
  readonly last_at: string | null;
}

export interface IRunsPage {
  readonly notebook_id: string | null;
  readonly runs: readonly IRun[];
  readonly cursor: string | null;
  readonly total: number;
}

/** The runs that hold what one term of a search asks for, or the name that was perhaps meant. */
export interface IFoundRuns {
  readonly run_ids: readonly string[];
  readonly nearest: string | null;
}

/** Where a step is that a run rests on and that is none of its own. */
export interface IOrigin {
  readonly step_id: string;
  readonly execution_count: number | null;
  readonly run_id: string | null;
  readonly ordinal: number | null;
}

export interface IRunDetails {
  readonly run: IRun;
  readonly environment: IEnvironment | null;
  readonly data: readonly IDataFile[];
  readonly rebuilds?: readonly IRebuild[];
  readonly origins?: readonly IOrigin[];
  readonly parent: IRun | null;
}

export interface INow {
  readonly notebook_id: string | null;
  readonly session_id: string | null;
  readonly alive: boolean;
  readonly position: IPosition | null;
  readonly steps: readonly IStep[];
}

/** How one cell ran last; `order` counts the steps on the way to now. */
export interface ICellRan {
  readonly cell_id: string;
  readonly step_id: string;
  readonly execution_count: number | null;
  readonly order: number;
  readonly source: string;
  readonly read: readonly string[];
  readonly changed: readonly string[];
}

/** When one cell last gave a name another value; no cell id for what ran outside of cells. */
export interface INameSet {
  readonly name: string;
  readonly cell_id: string;
  readonly execution_count: number | null;
  readonly order: number;
}

export interface ILastRuns {
  readonly cells: readonly ICellRan[];
  readonly names: readonly INameSet[];
  readonly order: number;
}

export interface IRestorePlan {
  readonly id: string;
  readonly kind: 'run' | 'step';
  readonly title: string;
  readonly document_origin: DocumentOrigin | null;
  readonly variables: {
    readonly total: number;
    readonly restorable: number;
    readonly size: number;
  };
  readonly gaps: readonly IGap[];
  /** Those among the gaps that can be made again. */
  readonly rebuilds?: readonly IRebuild[];
  readonly files: readonly IDataFile[];
  readonly warnings: readonly string[];
}

export interface IDocumentAnswer {
  readonly document: nbformat.INotebookContent;
  readonly gaps: readonly IGap[];
  readonly document_origin: DocumentOrigin | null;
}

/** What to say of a run; a label that is null is taken away. */
export interface IRunChange {
  readonly message?: string;
  readonly labels?: Readonly<Record<string, Scalar>>;
  readonly starred?: boolean;
  readonly note?: string;
}

type Query = Readonly<Record<string, string | number | null | undefined>>;

/** The one client of the REST; every answer is typed, every refusal a `RuntrackError`. */
export class RuntrackApi {
  constructor(private readonly _settings: ServerConnection.ISettings) {}

  get settings(): ServerConnection.ISettings {
    return this._settings;
  }

  status(path?: string): Promise<IStatus> {
    return this._ask('GET', 'status', { path });
  }

  recordingSettings(): Promise<IRecordingSettings> {
    return this._ask('GET', 'settings');
  }

  putRecordingSettings(settings: IRecordingSettings): Promise<IRecordingSettings> {
    return this._ask('PUT', 'settings', {}, settings);
  }

  async notebooks(): Promise<readonly INotebookSummary[]> {
    const answer = await this._ask<{ notebooks: INotebookSummary[] }>('GET', 'notebooks');
    return answer.notebooks;
  }

  runs(query: {
    path?: string;
    notebook_id?: string | null;
    cursor?: string | null;
    limit?: number;
  }): Promise<IRunsPage> {
    return this._ask('GET', 'runs', query);
  }

  foundRuns(
    term: string,
    where: { path?: string; notebook_id?: string | null }
  ): Promise<IFoundRuns> {
    return this._ask('GET', 'found-runs', { term, ...where });
  }

  run(id: string): Promise<IRunDetails> {
    return this._ask('GET', `runs/${encodeURIComponent(id)}`);
  }

  /** Say something of a run; the answer is the run as it is called now, without its variables. */
  annotate(id: string, change: IRunChange): Promise<IRun> {
    return this._ask('POST', `runs/${encodeURIComponent(id)}/annotations`, {}, change);
  }

  async steps(id: string): Promise<readonly IStep[]> {
    const answer = await this._ask<{ steps: IStep[] }>(
      'GET',
      `runs/${encodeURIComponent(id)}/steps`
    );
    return answer.steps;
  }

  async step(id: string): Promise<IStep> {
    const answer = await this._ask<{ step: IStep }>('GET', `steps/${encodeURIComponent(id)}`);
    return answer.step;
  }

  runDocument(id: string): Promise<nbformat.INotebookContent> {
    return this._ask('GET', `runs/${encodeURIComponent(id)}/document`);
  }

  now(path: string): Promise<INow> {
    return this._ask('GET', 'now', { path });
  }

  lastRuns(path: string): Promise<ILastRuns> {
    return this._ask('GET', 'last-runs', { path });
  }

  restorePlan(id: string): Promise<IRestorePlan> {
    return this._ask('GET', `restore-plans/${encodeURIComponent(id)}`);
  }

  /** The document of a run or step, with the secrets put back that `live` still holds. */
  documentToRestore(id: string, live: nbformat.INotebookContent | null): Promise<IDocumentAnswer> {
    return this._ask('POST', `documents/${encodeURIComponent(id)}`, {}, { live });
  }

  /** Write the document beside the notebook at `path`, as a notebook of its own. */
  async copy(id: string, path: string): Promise<string> {
    const answer = await this._ask<{ path: string }>('POST', 'copies', {}, { id, path });
    return answer.path;
  }

  /** Hand over the live document for a run that is being made. */
  putDocument(
    session_id: string,
    run_id: string,
    document: nbformat.INotebookContent
  ): Promise<void> {
    const url = `sessions/${encodeURIComponent(session_id)}/documents/${encodeURIComponent(run_id)}`;
    return this._ask('PUT', url, {}, document);
  }

  /** Take a command for this tab; false when another tab was faster. */
  async claim(command_id: string): Promise<boolean> {
    try {
      await this._ask('POST', `commands/${encodeURIComponent(command_id)}/claim`);
      return true;
    } catch (error) {
      if (error instanceof RuntrackError && error.status === 409) {
        return false;
      }
      throw error;
    }
  }

  acknowledge(command_id: string): Promise<void> {
    return this._ask('POST', `commands/${encodeURIComponent(command_id)}/acknowledge`);
  }

  private async _ask<T>(
    method: string,
    what: string,
    query: Query = {},
    body?: unknown
  ): Promise<T> {
    const given = Object.entries(query).filter(
      ([, value]) => value !== undefined && value !== null
    );
    const params = new URLSearchParams(given.map(([key, value]) => [key, String(value)]));
    const url = URLExt.join(this._settings.baseUrl, NAMESPACE, what);
    let response: Response;
    try {
      response = await ServerConnection.makeRequest(
        given.length > 0 ? `${url}?${params.toString()}` : url,
        { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) },
        this._settings
      );
    } catch (error) {
      throw new RuntrackError('unreachable', (error as Error).message);
    }
    const text = await response.text();
    if (!response.ok) {
      throw Private.refusal(response.status, text);
    }
    return (text ? JSON.parse(text) : undefined) as T;
  }
}

namespace Private {
  export function refusal(status: number, text: string): RuntrackError {
    try {
      const { kind, message } = JSON.parse(text) as { kind?: string; message?: string };
      return new RuntrackError(kind ?? 'error', message ?? text, status);
    } catch {
      // A proxy or another server part answered, in words of its own.
      return new RuntrackError('unreachable', `HTTP ${status}`, status);
    }
  }
}
