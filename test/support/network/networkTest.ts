import { describe } from 'vitest';
import { linkProblem } from './EmulatedLink.mjs';

const problem = linkProblem();
if (problem) process.stderr.write(`tests of bad networks are skipped: ${problem}\n`);

/** Like `describe`, where a network can be emulated; elsewhere skipped, which the line above explains. */
export const describeNetwork = describe.skipIf(problem !== undefined);
