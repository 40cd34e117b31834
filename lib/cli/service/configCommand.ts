import { type Command, Option } from 'commander';
import { RtcError } from '../../errors.js';
import {
  environmentName,
  flagName,
  type OptionName,
  optionOf,
  type ServeConfig,
} from '../../server/config/configOptions.js';
import { exitCodes } from '../exitCodes.js';
import { fail } from './fail.js';

/** What commander leaves of the command line: texts, for the options of the service under commander's own names. */
export interface ServiceArguments {
  config?: string;
  printConfig: boolean;
  json: boolean;
  [flag: string]: unknown;
}

export interface ConfigCommandOptions {
  name: 'serve' | 'media';
  description: string;
  /** Those that are flags of it; the file and the environment may hold all. */
  options: readonly OptionName[];
  run: (given: ServiceArguments, config: ServeConfig, warnings: readonly string[]) => Promise<void>;
}

const afterHelp = `
Flags override the environment, which overrides the file, which overrides the defaults.
Exit codes: 0 ended by a signal, 1 failure, 2 usage, 3 an address or port cannot be had`;

/** Adds a command that runs with the options of the service, from wherever they come. */
export function addConfigCommand(program: Command, { name, description, options, run }: ConfigCommandOptions): void {
  const command = program
    .command(name)
    .description(description)
    .addOption(
      new Option('--config <file>', 'file of options, JSON; docs/room-service.md has them').env('RTCROOM_CONFIG'),
    )
    .option('--print-config', 'print the options in force, secrets redacted, and end', false)
    .option('--json', 'print the addresses, or the error, as one line of JSON', false)
    .addHelpText('after', afterHelp);
  const flags = options.map((one) => ({ name: one, option: flagOf(one) }));
  for (const { option } of flags) command.addOption(option);
  command.action(async (given: ServiceArguments) => {
    const texts = flags.map((flag) => [flag.name, given[flag.option.attributeName()]] as const);
    const flagTexts = Object.fromEntries(texts.filter(([, text]) => text !== undefined));
    const { redacted, resolveConfig } = await import('../../server/config/resolveConfig.js');
    try {
      const sources = { file: given.config, environment: process.env, flags: flagTexts, command: name };
      const { config, warnings } = await resolveConfig(sources);
      if (!given.printConfig) return await run(given, config, warnings);
      const shown = Object.entries(redacted(config)).filter(([one]) => options.includes(one as OptionName));
      process.stdout.write(`${JSON.stringify(Object.fromEntries(shown), null, 2)}\n`);
    } catch (error) {
      if (!(error instanceof RtcError)) throw error;
      fail(name, given, exitCodes.usage, error.code, error.message);
    }
  });
}

function helpOf(name: OptionName): string {
  const { about, default: value, unit } = optionOf(name);
  const shown = Array.isArray(value) ? value.join(',') : String(value);
  const standard = value === undefined ? '' : `default: ${shown}${unit === undefined ? '' : ` ${unit}`}, `;
  return `${about} (${standard}env: ${environmentName(name)})`;
}

function flagOf(name: OptionName): Option {
  const { schema } = optionOf(name);
  // A switch may stand alone for true.
  if (schema.type === 'boolean') return new Option(`${flagName(name)} [bool]`, helpOf(name)).preset('true');
  const value =
    'enum' in schema ? 'word' : schema.type === 'integer' ? 'number' : schema.type === 'array' ? 'list' : 'text';
  return new Option(`${flagName(name)} <${value}>`, helpOf(name));
}
