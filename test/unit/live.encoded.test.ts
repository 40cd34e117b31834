import { expect, it } from 'vitest';
import type { CustomAudioData, CustomVideoData } from '#lib/live/options';
import { TXLivePusher } from '#lib/live/TXLivePusher';
import { outcomeOf } from '../support/client/expectCode.js';
import { encodedSuite } from '../support/live/encodedSuite.js';

encodedSuite('embedded');

it('bytes that a getter beside them takes away are not read any more', async () => {
  await using pusher = new TXLivePusher({ engine: 'embedded' });
  await pusher.startPreview({ source: 'user', format: 'h264' });
  await pusher.startAudioCapture({ source: 'user', format: 'aac' });
  const takenAway = (data: Uint8Array<ArrayBuffer>, rest: object) =>
    Object.defineProperty({ data, ...rest }, 'timestampMs', {
      get: () => {
        structuredClone(data.buffer, { transfer: [data.buffer] });
        return 0;
      },
    }) as unknown;
  // With its bytes the picture lacks its parameter sets, and the sound is taken.
  const picture = takenAway(Uint8Array.of(0, 0, 1, 0x41, 0xe0), { format: 'h264' });
  const sound = takenAway(Uint8Array.of(0x21, 0, 0x49), { format: 'aac', config: Uint8Array.of(0x11, 0x88) });
  expect(await outcomeOf(() => pusher.sendCustomVideoData(picture as CustomVideoData))).toBe(
    'ERR_RTC_INVALID_ARGUMENT',
  );
  expect(await outcomeOf(() => pusher.sendCustomAudioData(sound as CustomAudioData))).toBe('ERR_RTC_INVALID_ARGUMENT');
});
