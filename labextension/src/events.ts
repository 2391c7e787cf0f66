/** What the server pushes: one websocket for the page, opened again whenever it falls. */

import { URLExt } from '@jupyterlab/coreutils';
import type { IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';

import { NAMESPACE, type RuntrackApi } from './api';

export interface IChangedEvent {
  readonly type: 'changed';
  readonly notebook_id: string | null;
  readonly runs?: boolean;
  readonly steps?: boolean;
}

export interface ICommandEvent {
  readonly type: 'command';
  readonly command_id: string;
  readonly kind: 'restore-document';
  readonly path?: string;
  readonly id: string;
}

export type ServerEvent = IChangedEvent | ICommandEvent;

const FIRST_WAIT = 1000;
const LONGEST_WAIT = 30000;

/** Subscribes to one notebook at a time; no path, no socket. */
export class EventStream implements IDisposable {
  constructor(private readonly _api: RuntrackApi) {}

  readonly received: ISignal<this, ServerEvent> = new Signal<this, ServerEvent>(this);

  /** Emits whenever the socket is open again: what happened in between is not known. */
  readonly opened: ISignal<this, void> = new Signal<this, void>(this);

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** Listen to what happens to the notebook at `path`; null stops listening. */
  subscribe(path: string | null): void {
    if (path === this._path || this._isDisposed) {
      return;
    }
    this._path = path;
    this._close();
    this._wait = FIRST_WAIT;
    if (path !== null) {
      this._open(path);
    }
  }

  dispose(): void {
    this._isDisposed = true;
    this._close();
    Signal.clearData(this);
  }

  private _open(path: string): void {
    const settings = this._api.settings;
    const query = new URLSearchParams({ path });
    if (settings.appendToken && settings.token) {
      query.set('token', settings.token);
    }
    const url = URLExt.join(settings.wsUrl, NAMESPACE, 'events');
    const socket = new settings.WebSocket(`${url}?${query.toString()}`);
    this._socket = socket;
    socket.onopen = () => {
      this._wait = FIRST_WAIT;
      (this.opened as Signal<this, void>).emit();
    };
    socket.onmessage = (message: MessageEvent) => {
      const event = JSON.parse(String(message.data)) as ServerEvent;
      (this.received as Signal<this, ServerEvent>).emit(event);
    };
    socket.onclose = () => {
      if (this._socket === socket) {
        this._again(path);
      }
    };
  }

  private _again(path: string): void {
    this._socket = null;
    this._timer = window.setTimeout(() => this._open(path), this._wait);
    this._wait = Math.min(this._wait * 2, LONGEST_WAIT);
  }

  private _close(): void {
    window.clearTimeout(this._timer);
    const socket = this._socket;
    this._socket = null;
    socket?.close();
  }

  private _isDisposed = false;
  private _path: string | null = null;
  private _socket: WebSocket | null = null;
  private _timer = 0;
  private _wait = FIRST_WAIT;
}
