import type { MethodKind, SourceName } from './methods.js';
import type { Setting } from './protocol.js';

/** A source that the application has opened and not closed. */
export interface WantedSource extends Setting {
  /** The child that it is open in. */
  generation: number;
}

/** What an object was told, for a fresh child: settings in the order of their latest call, and open sources. */
export class Settings {
  readonly #settings = new Map<string, Setting>();
  readonly sources = new Map<SourceName, WantedSource>();

  get list(): Setting[] {
    return [...this.#settings.values()];
  }

  /** After the engine has taken the call. */
  note(kind: MethodKind, method: string, args: unknown[]): void {
    switch (kind.is) {
      case 'setting':
      case 'promisedSetting':
        this.#set(method, { method, args });
        break;
      case 'keyedSetting':
        this.#set(`${method} ${String(args[0])}`, { method, args });
        break;
      case 'settingOf':
        this.#set(kind.of, { method: kind.of, args });
        break;
      case 'unsetting':
        this.#settings.delete(kind.of);
        break;
      case 'sourceOption': {
        const source = this.sources.get(kind.source);
        if (source) source.args = [{ ...(source.args[0] as object), [kind.option]: args[0] }];
        break;
      }
    }
  }

  drop(method: string): void {
    for (const [key, setting] of this.#settings) if (setting.method === method) this.#settings.delete(key);
  }

  /** A setting that is made again comes last, since later ones override earlier ones. */
  #set(key: string, setting: Setting): void {
    this.#settings.delete(key);
    this.#settings.set(key, setting);
  }
}
