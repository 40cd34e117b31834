import { RtcError } from '../errors.js';
import { loadAddon } from './addon.js';
import { abortable, nativeCall } from './nativeCalls.js';

export interface RepairOptions {
  /** Ends the repair; the recording is then as it was. */
  signal?: AbortSignal;
  /** The part that is done, 0 to 1, about five times a second and at the end. What it throws ends the repair, too. */
  onProgress?: (done: number) => void;
}

export interface RepairResult {
  /** False: it was a plain MP4 already, and was not touched. */
  repaired: boolean;
  durationMs: number;
  /** Bytes of the last picture or sound that were written when the process died, and are of no use. */
  lostBytes: number;
}

const progressMs = 200;

/**
 * Makes the recording of a process that died (killed, crashed, power gone) a plain MP4 that every player seeks in. All whole
 * pictures and sounds are kept. The file is replaced when the new one is complete and on the disk; it needs as much free
 * space beside it as it has itself. Temporary files that the dead process left of this recording are removed. A plain MP4
 * is left as it is, so that repairing twice is nothing.
 *
 * @param path of the recording; a link is followed
 * @throws ERR_RTC_FILE_OPEN_FAILED: it is not there or cannot be read; ERR_RTC_INVALID_STATE: it is being recorded or
 * repaired; ERR_RTC_NOT_MEDIA: it is no recording, is damaged, or has not one picture or sound; ERR_RTC_RECORD_FAILED: the new
 * file cannot be written (disk full, no rights); ERR_RTC_INVALID_ARGUMENT; ERR_RTC_ABORTED. After each it is as it was; only
 * an abort at the very end may find it repaired.
 *
 * @example
 * const { repaired, durationMs } = await repairRecording('recordings/call.mp4');
 */
export async function repairRecording(path: string, options: RepairOptions = {}): Promise<RepairResult> {
  if (typeof options !== 'object' || options === null) {
    throw new RtcError('ERR_RTC_INVALID_ARGUMENT', 'options must be an object');
  }
  const { signal, onProgress } = options;
  if (onProgress !== undefined && typeof onProgress !== 'function') {
    throw new RtcError('ERR_RTC_INVALID_ARGUMENT', 'onProgress must be a function');
  }
  const native = nativeCall(() => new (loadAddon().RecordingRepair)({}, () => undefined));
  let thrown: { error: unknown } | undefined;
  const tell = (done: number) => {
    try {
      onProgress?.(done);
    } catch (error) {
      thrown = { error };
      void end();
    }
  };
  const timer = onProgress && setInterval(() => tell(native.progressPercent() / 100), progressMs);
  const end = () => {
    // It has no progress to ask for any more.
    clearInterval(timer);
    return native.close();
  };
  try {
    await abortable('repairRecording', signal, () => native.start(path), end);
    const repaired = native.repaired();
    const result = { repaired, durationMs: Number(native.durationMs()), lostBytes: Number(native.lostBytes()) };
    tell(1);
    if (thrown) throw thrown.error;
    return result;
  } catch (error) {
    throw thrown ? thrown.error : error;
  } finally {
    await end();
  }
}
