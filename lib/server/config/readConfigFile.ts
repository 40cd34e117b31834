import { readFileSync } from 'node:fs';
import jsonc, { type Node, type ParseError } from 'jsonc-parser';
import { type OptionName, optionNames } from './configOptions.js';
import { nearestOption } from './nearestOption.js';

/** A value and the place it was given at, for messages. */
export interface GivenValue {
  value: unknown;
  /** `file:line:column /name`, an environment variable or a flag. */
  where: string;
}

export interface ReadConfigFile {
  values: Map<OptionName, GivenValue>;
  /** What is wrong with the file, each with its place and remedy; never a value, which may be a secret. */
  problems: string[];
}

const known: ReadonlySet<string> = new Set(optionNames);

/** Far above any sensible file. */
const maxFileLength = 1_048_576;

/** Reads a file of options: one JSON object, in which comments are allowed. Values are not looked at. */
export function readConfigFile(path: string): ReadConfigFile {
  const values: ReadConfigFile['values'] = new Map();
  let text: string;
  try {
    text = readFileSync(path, 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown fault';
    return { values, problems: [`${path}: cannot be read (${code}); give a file that this user may read`] };
  }
  if (text.length > maxFileLength) {
    return { values, problems: [`${path}: is longer than 1 MiB; is it a file of options?`] };
  }
  const errors: ParseError[] = [];
  const tree = jsonc.parseTree(text, errors);
  const place = (offset: number) => `${path}:${positionOf(text, offset)}`;
  const [first] = errors;
  if (first) {
    const what = jsonc.printParseErrorCode(first.error);
    return { values, problems: [`${place(first.offset)}: is not JSON (${what}); correct it there or just before`] };
  }
  if (tree?.type !== 'object') {
    return { values, problems: [`${path}: must hold one JSON object, like { "port": 5757 }`] };
  }
  const problems: string[] = [];
  for (const property of tree.children ?? []) {
    const [nameNode, valueNode] = property.children as [Node, Node];
    const name = nameNode.value as string;
    const pointer = `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    const where = `${place(nameNode.offset)} ${pointer}`;
    if (!known.has(name)) problems.push(`${where}: is no option; ${nearestOption(name)}`);
    else if (values.has(name as OptionName)) problems.push(`${where}: is there a second time; take one of the two out`);
    else values.set(name as OptionName, { value: jsonc.getNodeValue(valueNode), where });
  }
  return { values, problems };
}

/** `line:column`, both from 1. */
function positionOf(text: string, offset: number): string {
  const before = text.slice(0, offset).split('\n');
  return `${before.length}:${(before.at(-1) ?? '').length + 1}`;
}
