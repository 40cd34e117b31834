import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { RtcError } from '../../errors.js';

export interface ProbedFile {
  durationSeconds: number;
  codecs: string[];
}

const timeoutMs = 20_000;

/** Duration and codecs of a media file as FFmpeg's ffprobe reads them. */
export async function probe(path: string, signal?: AbortSignal): Promise<ProbedFile> {
  const entries = 'format=duration:stream=codec_name';
  const args = ['-v', 'error', '-show_entries', entries, '-of', 'json', path];
  try {
    const { stdout } = await promisify(execFile)('ffprobe', args, { timeout: timeoutMs, ...(signal && { signal }) });
    const read = JSON.parse(stdout) as { format?: { duration?: string }; streams?: { codec_name?: string }[] };
    return {
      durationSeconds: Number(read.format?.duration ?? Number.NaN),
      codecs: (read.streams ?? []).map(({ codec_name }) => codec_name ?? 'unknown'),
    };
  } catch (error) {
    if (signal?.aborted) throw new RtcError('ERR_RTC_ABORTED', 'ffprobe was stopped', { cause: error });
    const message = `ffprobe could not read ${path}: the recording is damaged or was not written`;
    throw new RtcError('ERR_RTC_NOT_MEDIA', message, { cause: error });
  }
}

/** Rejects when the program is not there, before anything was started that needs it. */
export async function needProbe(): Promise<void> {
  try {
    await promisify(execFile)('ffprobe', ['-version'], { timeout: timeoutMs });
  } catch (error) {
    const message =
      'the demo reads its recordings with ffprobe, which was not found: install FFmpeg (Debian: apt-get install ffmpeg)';
    throw new RtcError('ERR_RTC_FILE_OPEN_FAILED', message, { cause: error });
  }
}
