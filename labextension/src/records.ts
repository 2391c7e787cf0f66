/**
 * The records of `runtrack_jupyter/model.py` as JSON brings them: one name from column to button.
 * Keys that have their default value are left out by the server, hence the many optional fields.
 */

import type { PartialJSONObject } from '@lumino/coreutils';

export type StepStatus = 'running' | 'ok' | 'error' | 'interrupted' | 'died';
export type Scalar = boolean | number | string | null;
export type DocumentOrigin = 'live' | 'file' | 'reconstructed';
export type FileNow = 'unchanged' | 'changed' | 'missing' | 'not-checked';

/** Something that could not be recorded or restored, and why. */
export interface IGap {
  readonly subject: string;
  readonly kind: string;
  readonly reason: string;
}

/** Who ran it. */
export interface IAuthor {
  readonly name: string;
  readonly host?: string;
}

/** One name of the namespace at one moment, as text. */
export interface IVariable {
  readonly name: string;
  readonly type: string;
  readonly shape?: string;
  readonly size?: number;
  readonly preview?: string;
  readonly value?: Scalar;
  readonly component?: string | null;
  readonly set_by?: string | null;
  /** What of it a restore makes anew instead of loading it, and how. */
  readonly rebuilt?: string;
}

/** A variable that was not saved but can be made again. */
export interface IRebuild {
  readonly name: string;
  /** `running cell [4]` */
  readonly how: string;
  readonly steps: readonly string[];
}

/** A file that a step read or wrote; `now` compares it with the disk. */
export interface IDataFile {
  readonly path: string;
  readonly direction: 'read' | 'write' | 'both';
  readonly digest?: string | null;
  readonly size?: number;
  readonly modified_at?: string | null;
  readonly noticed?: boolean;
  readonly reason?: string;
  readonly step_id?: string | null;
  readonly now?: FileNow;
}

/** A parameter, metric or label. */
export interface IMeasured {
  readonly name: string;
  readonly value: Scalar;
  readonly step_id?: string | null;
  readonly at?: string | null;
}

/** What somebody wrote about a run afterwards. */
export interface INote {
  readonly text: string;
  readonly at: string;
  readonly author?: string;
}

/** One execution of one cell. */
export interface IStep {
  readonly step_id: string;
  readonly session_id: string;
  readonly parent_step: string | null;
  readonly sequence: number;
  readonly source: string;
  readonly started_at: string;
  readonly cell_id?: string | null;
  readonly execution_count?: number | null;
  readonly status?: StepStatus;
  readonly ended_at?: string | null;
  readonly duration?: number | null;
  readonly error?: string;
  readonly outputs?: readonly PartialJSONObject[];
  readonly names?: { readonly read?: readonly string[] };
  readonly changed?: readonly string[];
  readonly deleted?: readonly string[];
  readonly files?: readonly IDataFile[];
  readonly measured?: readonly string[];
  readonly gaps?: readonly IGap[];
  readonly captured?: boolean;
}

/** One installed distribution. */
export interface IPackage {
  readonly name: string;
  readonly version: string;
  readonly source?: string;
}

/** The user's Git repository at the moment of the checkpoint. */
export interface IRepository {
  readonly root: string;
  readonly commit: string | null;
  readonly branch?: string;
  readonly dirty?: boolean;
  readonly remote?: string;
  readonly patch?: string | null;
}

/** What a run ran in. */
export interface IEnvironment {
  readonly python: string;
  readonly implementation: string;
  readonly executable: string;
  readonly prefix: string;
  readonly platform: string;
  readonly machine: string;
  readonly processors: number;
  readonly memory: number;
  readonly captured_at: string;
  readonly packages?: readonly IPackage[];
  readonly local_modules?: readonly string[];
  readonly variables?: readonly string[];
  readonly repository?: IRepository | null;
  readonly gaps?: readonly IGap[];
}

/** What a checkpoint seals. */
export interface IRun {
  readonly run_id: string;
  readonly session_id: string;
  readonly notebook_id: string;
  readonly created_at: string;
  readonly author: IAuthor;
  readonly message?: string;
  readonly automatic?: string;
  readonly head_step?: string | null;
  readonly steps?: readonly string[];
  readonly parent_runs?: readonly string[];
  readonly parameters?: readonly IMeasured[];
  readonly metrics?: readonly IMeasured[];
  readonly labels?: readonly IMeasured[];
  readonly variables?: readonly IVariable[];
  readonly gaps?: readonly IGap[];
  readonly status?: StepStatus;
  readonly ordinal?: number | null;
  readonly document_origin?: DocumentOrigin | null;
  readonly sealed?: boolean;
  readonly starred?: boolean;
  readonly notes?: readonly INote[];
}

/** Where the kernel is: the steps since the last run, oldest first. */
export interface IPosition {
  readonly head_step: string | null;
  readonly head_run: string | null;
  readonly steps: readonly string[];
}

/** What a notebook says of itself, in its metadata under `runtrack`. */
export interface INotebookMetadata {
  readonly id?: string;
  readonly enabled?: boolean;
}
