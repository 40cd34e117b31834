import levenshtein from 'fastest-levenshtein';
import { optionNames } from './configOptions.js';

/** Beyond that two names have nothing to do with each other. */
const maxLength = 64;

/** The sentence that tells a stranger's name from a misspelt one. */
export function nearestOption(name: string): string {
  const all = 'docs/room-service.md and "rtcroom serve --help" list all';
  if (name.length > maxLength) return all;
  const lower = new Map(optionNames.map((each) => [each.toLowerCase(), each]));
  const nearest = levenshtein.closest(name.toLowerCase(), [...lower.keys()]);
  return `the nearest one is ${lower.get(nearest)}; ${all}`;
}
