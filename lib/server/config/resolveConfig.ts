import levenshtein from 'fastest-levenshtein';
import { RtcError } from '../../errors.js';
import {
  allowedValues,
  environmentName,
  flagName,
  type OptionName,
  optionNames,
  optionOf,
  type ServeConfig,
} from './configOptions.js';
import { type Command, contradictions } from './contradictions.js';
import { type GivenValue, readConfigFile } from './readConfigFile.js';

export interface ConfigSources {
  /** File of options. */
  file?: string | undefined;
  /** Usually `process.env`; its `RTCROOM_…` override the file. */
  environment?: Readonly<Record<string, string | undefined>>;
  /** Texts of flags, which override the environment. */
  flags?: { readonly [Name in OptionName]?: string };
  /** What runs with it: `rtcroom serve`, or `rtcroom media`, which needs less. Default 'serve'. */
  command?: Command;
}

export interface ResolvedConfig {
  config: ServeConfig;
  /** Things that are allowed and yet look like a slip, for the log. */
  warnings: string[];
}

/**
 * Puts flags over the environment over the file over the defaults, and checks all of it.
 * @throws RtcError ERR_RTC_INVALID_ARGUMENT with a line a fault: its place, what is wrong there and what may be there. The
 * value of a secret is not in it.
 */
export async function resolveConfig(sources: ConfigSources): Promise<ResolvedConfig> {
  const { file, environment = {}, flags = {} } = sources;
  const fromFile = file === undefined ? undefined : readConfigFile(file);
  const problems = [...(fromFile?.problems ?? [])];
  const given = new Map<OptionName, GivenValue>();
  for (const name of optionNames) {
    const flag = flags[name];
    // An empty variable is one that was not set: container files have no other way to say so.
    const variable = environment[environmentName(name)] || undefined;
    const value =
      flag !== undefined
        ? { value: parsed(name, flag), where: flagName(name) }
        : variable !== undefined
          ? { value: parsed(name, variable), where: environmentName(name) }
          : fromFile?.values.get(name);
    if (value) given.set(name, value);
  }
  problems.push(...(await wrongValues(given)));
  const values = Object.fromEntries(
    optionNames
      .map((name) => [name, given.has(name) ? given.get(name)?.value : optionOf(name).default] as const)
      .filter(([, value]) => value !== undefined),
  );
  const config = values as unknown as ServeConfig;
  if (problems.length === 0) {
    const { command = 'serve' } = sources;
    problems.push(...contradictions(config, command, (name) => given.get(name)?.where ?? name));
  }
  if (problems.length > 0) {
    throw new RtcError('ERR_RTC_INVALID_ARGUMENT', `the configuration cannot be used:\n  ${problems.join('\n  ')}`);
  }
  return { config, warnings: misspeltVariables(environment) };
}

/** What the text of a flag or variable stands for; a text that stands for nothing is left to the check. */
function parsed(name: OptionName, text: string): unknown {
  const { schema } = optionOf(name);
  if (schema.type === 'integer') return /^-?\d{1,15}$/.test(text) ? Number(text) : text;
  if (schema.type === 'boolean') return text === 'true' ? true : text === 'false' ? false : text;
  if (schema.type === 'array') return text.split(',').map((part) => part.trim());
  return text;
}

async function wrongValues(given: ReadonlyMap<OptionName, GivenValue>): Promise<string[]> {
  // Loaded late: it is the service's, and takes its time.
  const { default: Schema } = await import('typebox/schema');
  const problems: string[] = [];
  for (const [name, { value, where }] of given) {
    const [right, errors] = Schema.Errors(optionOf(name).schema, value);
    if (right) continue;
    const inside = errors.find(({ instancePath }) => instancePath !== '')?.instancePath ?? '';
    const wrong = inside === '' ? value : (value as unknown[])[Number(inside.slice(1))];
    const allowed = inside === '' ? allowedValues(name) : `one of ${optionOf(name).form}`;
    problems.push(`${where}${inside}: is ${shown(name, wrong)}, but must be ${allowed}`);
  }
  return problems;
}

function shown(name: OptionName, value: unknown): string {
  if (optionOf(name).secret) return typeof value === 'string' ? `a text of ${value.length} (not shown)` : 'no text';
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

/** Variables that nobody reads and that are one slip away from one that is read. */
function misspeltVariables(environment: Readonly<Record<string, string | undefined>>): string[] {
  const names = optionNames.map(environmentName);
  const warnings: string[] = [];
  for (const variable of Object.keys(environment)) {
    if (!variable.startsWith('RTCROOM_') || names.includes(variable) || variable.length > 64) continue;
    const nearest = levenshtein.closest(variable, names);
    if (levenshtein.distance(variable, nearest) <= 2) {
      warnings.push(`the environment variable ${variable} is not read by anything: is ${nearest} meant?`);
    }
  }
  return warnings;
}

/** The configuration with every secret replaced, to be shown. An option that nobody gave and has no default is null. */
export function redacted(config: ServeConfig): Record<OptionName, unknown> {
  const entries = optionNames.map((name) => {
    const value = config[name];
    return [name, value === undefined ? null : optionOf(name).secret ? '[redacted]' : value];
  });
  return Object.fromEntries(entries) as Record<OptionName, unknown>;
}
