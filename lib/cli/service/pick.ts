import type { OptionName, ServeConfig } from '../../server/config/configOptions.js';

export function pick<Name extends OptionName>(config: ServeConfig, names: readonly Name[]): Pick<ServeConfig, Name> {
  return Object.fromEntries(names.map((name) => [name, config[name]])) as Pick<ServeConfig, Name>;
}
