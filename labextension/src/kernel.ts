/** How the page talks with the kernel: notices over a comm, requests over the main shell. */

import type { Kernel, KernelMessage } from '@jupyterlab/services';
import type { JSONObject, JSONValue } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';

import { RuntrackError } from './api';
import type { IGap, IPosition, IRun, IStep } from './records';

export const TARGET = 'runtrack';
export const PROTOCOL = 1;

/** How many bytes of a restore have come; all of them when it is over, however it ended. */
export interface IProgress {
  readonly done: number;
  readonly total: number;
}

/** What the kernel says without being asked. */
export type Notice =
  | {
      readonly type: 'hello';
      readonly tracking: boolean;
      readonly why_off: string;
      readonly session_id: string;
      readonly store: string;
      readonly notebook_id: string | null;
      readonly position: IPosition;
    }
  | { readonly type: 'step-started'; readonly step: IStep }
  | { readonly type: 'step-ended'; readonly step: IStep; readonly position: IPosition }
  | {
      readonly type: 'captured';
      readonly step_id: string;
      readonly changed?: readonly string[];
      readonly deleted?: readonly string[];
      readonly gaps?: readonly IGap[];
    }
  | { readonly type: 'run'; readonly run: IRun; readonly position: IPosition }
  | {
      readonly type: 'head-moved';
      readonly position: IPosition;
      readonly reason: 'restore' | 'undo';
      readonly restored?: readonly string[];
      readonly gaps?: readonly IGap[];
    }
  | ({ readonly type: 'restoring' } & IProgress)
  | { readonly type: 'tracking'; readonly tracking: boolean; readonly why_off: string }
  | { readonly type: 'problem'; readonly gap: IGap }
  | { readonly type: 'restore-document'; readonly command_id: string; readonly id: string };

/** One cell as the kernel is told about it; the source goes once per digest. */
export interface ICellEntry {
  readonly cell_id: string;
  readonly cell_type: string;
  readonly digest: string;
  readonly source?: string;
}

export interface ICheckpointResult {
  readonly run: IRun;
  readonly position: IPosition;
}

export interface IRestoreResult {
  readonly before: IRun;
  readonly restored?: readonly string[];
  readonly kept?: readonly string[];
  readonly removed?: readonly string[];
  /** Variables that were not saved but made again, each with how. */
  readonly rebuilt?: Readonly<Record<string, string>>;
  readonly gaps?: readonly IGap[];
  readonly position: IPosition;
}

export interface IUndoResult {
  readonly step: IStep;
  readonly restored?: readonly string[];
  readonly rebuilt?: Readonly<Record<string, string>>;
  readonly gaps?: readonly IGap[];
  readonly position: IPosition;
}

export interface ITrackingResult {
  readonly tracking: boolean;
  readonly why_off?: string;
}

/** One comm with one kernel, from its `comm_open` to the kernel's end. */
export class KernelLink implements IDisposable {
  constructor(
    private readonly _kernel: Kernel.IKernelConnection,
    greeting: { path: string; notebook_id: string | null }
  ) {
    this._comm = _kernel.createComm(TARGET);
    this._comm.onMsg = message => {
      const notice = message.content.data as unknown as Notice;
      (this.noticed as Signal<this, Notice>).emit(notice);
    };
    this._comm.onClose = () => {
      (this.closed as Signal<this, void>).emit();
    };
    this._comm.open({ protocol: PROTOCOL, ...greeting });
  }

  readonly noticed: ISignal<this, Notice> = new Signal<this, Notice>(this);

  /** The kernel closed the comm: it has no such target, or it ends. */
  readonly closed: ISignal<this, void> = new Signal<this, void>(this);

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  get kernel(): Kernel.IKernelConnection {
    return this._kernel;
  }

  bind(notebook_id: string, path: string): void {
    this._send({ type: 'bind', notebook_id, path });
  }

  /** Post the list of cells; `sources` maps the digests to sources, each sent once per comm. */
  cells(entries: readonly ICellEntry[], sources: ReadonlyMap<string, string>): void {
    const cells = entries.map(entry => {
      const source = this._sent.has(entry.digest) ? undefined : sources.get(entry.digest);
      this._sent.add(entry.digest);
      return source === undefined ? entry : { ...entry, source };
    });
    this._send({ type: 'cells', cells: cells as unknown as JSONValue, metadata: {} });
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._send({ type: 'bye' });
    this._isDisposed = true;
    Signal.clearData(this);
    if (!this._comm.isDisposed && !this._kernel.isDisposed) {
      this._comm.close();
    }
  }

  private _send(data: JSONObject): void {
    if (this._isDisposed || this._comm.isDisposed || this._kernel.isDisposed) {
      return;
    }
    if (this._kernel.connectionStatus === 'connected') {
      this._comm.send(data);
    }
  }

  private readonly _comm: Kernel.IComm;
  private _isDisposed = false;
  private readonly _sent = new Set<string>();
}

/** How often a request is sent again that was queued behind a failing cell. */
const ATTEMPTS = 20;

/**
 * Ask Runtrack in the kernel and return its result.
 *
 * The request runs on the main shell as a silent execution with a user expression. Behind a cell
 * that fails the kernel answers `aborted` without having looked at it; it is then sent again with
 * the same `request_id`, under which the kernel does it only once.
 */
export async function ask<T>(kernel: Kernel.IKernelConnection, request: JSONObject): Promise<T> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const reply = await execute(kernel, request);
    if ((reply.status as string) === 'ok') {
      return resultOf<T>(reply);
    }
    if ((reply.status as string) === 'error') {
      throw new RuntrackError('error', (reply as KernelMessage.IReplyErrorContent).evalue);
    }
    await new Promise(resolve => window.setTimeout(resolve, 50 * (attempt + 1)));
  }
  throw new RuntrackError('aborted', 'The kernel was too busy with failing cells to answer');
}

async function execute(
  kernel: Kernel.IKernelConnection,
  request: JSONObject
): Promise<KernelMessage.IExecuteReplyMsg['content']> {
  // A JSON string is a Python string literal too: JSON escapes nothing that Python reads otherwise.
  const literal = JSON.stringify(JSON.stringify(request));
  const module = '__import__("runtrack_jupyter.kernel.requests", fromlist=["answer"])';
  const future = kernel.requestExecute(
    {
      code: '',
      silent: true,
      store_history: false,
      stop_on_error: false,
      allow_stdin: false,
      user_expressions: { runtrack: `${module}.answer(${literal})` }
    },
    true
  );
  return (await future.done).content;
}

interface IExpression {
  readonly status: string;
  readonly ename?: string;
  readonly evalue?: string;
  readonly data?: { readonly 'application/json'?: unknown };
}

interface IAnswer<T> {
  readonly ok: boolean;
  readonly result?: T;
  readonly error?: { readonly kind: string; readonly message: string };
}

function resultOf<T>(reply: KernelMessage.IExecuteReplyMsg['content']): T {
  const expressions = (reply as KernelMessage.IExecuteReply).user_expressions ?? {};
  const expression = expressions['runtrack'] as unknown as IExpression | undefined;
  if (expression?.status === 'error') {
    const missing = expression.ename === 'ModuleNotFoundError';
    throw new RuntrackError(missing ? 'not-tracking' : 'error', expression.evalue ?? '');
  }
  const answer = expression?.data?.['application/json'] as IAnswer<T> | undefined;
  if (answer === undefined) {
    throw new RuntrackError('not-tracking', 'The kernel gave no answer');
  }
  if (!answer.ok) {
    throw new RuntrackError(answer.error?.kind ?? 'error', answer.error?.message ?? '');
  }
  return answer.result as T;
}
