/** Lab's settings and the server's recording settings, kept the same. */

import type { ISettingRegistry } from '@jupyterlab/settingregistry';

import type { IRecordingSettings, RuntrackApi } from './api';

const KEYS = ['enabled', 'after_run_all', 'record_values'] as const;

/**
 * What the user chose in Lab is written through to the server, which the kernels ask. Where the
 * user chose nothing in Lab, what the server has stays.
 */
export class RecordingSettings {
  constructor(private readonly _api: RuntrackApi) {}

  get current(): IRecordingSettings {
    return this._current;
  }

  async follow(settings: ISettingRegistry.ISettings): Promise<void> {
    this._current = { ...this._current, ...(await this._api.recordingSettings()) };
    await this._writeThrough(settings);
    settings.changed.connect(() => void this._writeThrough(settings));
  }

  private async _writeThrough(settings: ISettingRegistry.ISettings): Promise<void> {
    const chosen: Partial<Record<(typeof KEYS)[number], boolean>> = {};
    for (const key of KEYS) {
      const value = settings.user[key] ?? (this._wrote.has(key) ? settings.composite[key] : null);
      if (typeof value === 'boolean') {
        chosen[key] = value;
        this._wrote.add(key);
      }
    }
    const wanted = { ...this._current, ...chosen };
    if (KEYS.some(key => wanted[key] !== this._current[key])) {
      this._current = wanted;
      await this._api.putRecordingSettings(wanted);
    }
  }

  private _current: IRecordingSettings = {
    enabled: true,
    after_run_all: true,
    record_values: true
  };
  // Keys once set here: taking the choice back in Lab means the default, not the last choice.
  private readonly _wrote = new Set<string>();
}
