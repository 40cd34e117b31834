import { describe } from 'vitest';
import { callsSuite } from './callsSuite.js';
import { methodsSuite } from './methodsSuite.js';
import { windowSuite } from './windowSuite.js';

/** Everything with one stand-in: a process loads one SDK and no other, so each has a file of its own. */
export function liteavSuite(variant: string): void {
  describe(`the SDK ${variant}`, () => {
    methodsSuite(variant);
    callsSuite(variant);
    windowSuite(variant);
  });
}
