import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EngineChoice } from '../../live/engine.js';

export interface EncoderInUse {
  encoder: string;
  /** Why none on hardware is. */
  failure?: string;
}

const deadlineMs = 5000;

/** What encodes H.264 on this machine when hardware is wanted, by a try: some pictures go into a file. */
export async function encoderInUse(engine: EngineChoice): Promise<EncoderInUse | undefined> {
  const { TXLivePusher } = await import('../../live/TXLivePusher.js');
  const folder = await mkdtemp(join(tmpdir(), 'rtcroom-doctor-'));
  const pusher = new TXLivePusher({ engine });
  let timer: NodeJS.Timeout | undefined;
  try {
    let failure: string | undefined;
    pusher.on('PUSH_WARNING_HW_ACCELERATION_FAIL', ({ message }) => {
      failure = message;
    });
    const encoder = new Promise<string | undefined>((resolve) => {
      pusher.on('PUSH_EVT_START_VIDEO_ENCODER', ({ params }) => resolve(params.EVT_DESCRIPTION));
      pusher.on('PUSH_ERR_VIDEO_ENCODE_FAIL', () => resolve(undefined));
      // A recording alone keeps no process alive.
      timer = setTimeout(resolve, deadlineMs, undefined);
    });
    pusher.enableHWAcceleration(true);
    await pusher.startPreview({ source: 'synthetic' });
    await pusher.startLocalRecord(join(folder, 'try.mp4'));
    const found = await encoder;
    return found === undefined ? undefined : { encoder: found, ...(failure === undefined ? {} : { failure }) };
  } catch {
    // An engine that has not these methods.
    return undefined;
  } finally {
    clearTimeout(timer);
    await pusher.close();
    await rm(folder, { recursive: true, force: true });
  }
}
