import { afterEach, describe, expect, it } from 'vitest';
import { alice, begin, bob, end, it_, listen, messagesSuite, send } from '../support/server/messagesSuite.js';

messagesSuite('in memory', () => ({}));

describe('a user', () => {
  afterEach(end);

  it('is forgotten some time after its stream is gone', async () => {
    await begin({});
    const stream = await listen(alice);
    stream.close();
    await expect
      .poll(async () => {
        await send(bob, { to: 'alice' });
        it_.nowMs += 60_001;
        await it_.service.sweep();
        return (await send(bob, { to: 'alice' })).code;
      })
      .toBe(1);
  });
});
