import { afterEach, describe, it } from 'vitest';
import { alice, begin, bob, end, expectForgotten, messagesSuite } from '../support/server/messagesSuite.js';

messagesSuite('in memory', () => ({}));

describe('a user', () => {
  afterEach(end);

  it('is forgotten some time after its stream is gone', async () => {
    await begin({});
    await expectForgotten(alice, bob);
  });
});
