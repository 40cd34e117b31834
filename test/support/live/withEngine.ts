import type { EngineChoice } from '#lib/live/engine';

/** The options themselves, with the engine where they choose none; what is no object stays as it is. */
export function withEngine<Options extends { engine?: EngineChoice }>(
  engine: EngineChoice,
  options: Options | undefined,
): Options | { engine: EngineChoice } {
  if (options === undefined) return { engine };
  if (typeof options !== 'object' || options === null || 'engine' in options) return options;
  return Object.defineProperty(options, 'engine', { value: engine, enumerable: true });
}
