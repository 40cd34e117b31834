import { readFile } from 'node:fs/promises';
import { BeepDetector } from '#lib/measure/BeepDetector';
import { readClock } from '#lib/measure/clock';
import { median } from '#lib/measure/statistics';
import { runTool } from './ffmpeg.js';

/** Pictures this near to a beep tell what the clock was at it, ms. */
const nearMs = 300;

async function ffmpeg(args: string[]): Promise<void> {
  const { code, stderr } = await runTool('ffmpeg', ['-v', 'fatal', '-y', ...args], { deadlineMs: 60_000 });
  if (code !== 0) throw new Error(`ffmpeg: ${stderr}`);
}

async function entries(path: string, stream: string, show: string): Promise<number[][]> {
  const args = ['-v', 'fatal', '-select_streams', stream, '-show_entries', show, '-of', 'csv=p=0', path];
  const { stdout } = await runTool('ffprobe', args, { deadlineMs: 60_000 });
  const rows = stdout.split('\n').map((line) => line.split(',').map(Number.parseFloat));
  return rows.filter(([first = Number.NaN]) => !Number.isNaN(first));
}

/**
 * Of a file whose pictures have the synthetic source's clock and whose sound its beeps: for each beep how late it is for
 * the pictures about it, ms, as FFmpeg decodes both and times them. Writes beside the file.
 */
export async function avOffsets(path: string): Promise<number[]> {
  const [[width = 0, height = 0] = []] = await entries(path, 'v:0', 'stream=width,height');
  const luma = `${path}.luma`;
  await ffmpeg(['-i', path, '-map', '0:v:0', '-fps_mode', 'passthrough', '-pix_fmt', 'gray', '-f', 'rawvideo', luma]);
  const pixels = await readFile(luma);
  const pictures = (await entries(path, 'v:0', 'frame=pts_time')).flatMap(([seconds = 0], index) => {
    const data = pixels.subarray(index * width * height, (index + 1) * width * height);
    const reading = data.length > 0 ? readClock({ width, height, data }) : undefined;
    return reading ? [{ atMs: seconds * 1000, baseMs: seconds * 1000 - reading.clockUs / 1000 }] : [];
  });

  const [[sampleRate = 0, channels = 0] = []] = await entries(path, 'a:0', 'stream=sample_rate,channels');
  const pcm = `${path}.pcm`;
  await ffmpeg(['-i', path, '-map', '0:a:0', '-f', 's16le', pcm]);
  const bytes = await readFile(pcm);
  const sound = new Int16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2);
  const detector = new BeepDetector();
  let sample = 0;
  const onsets = (await entries(path, 'a:0', 'frame=pts_time,nb_samples')).flatMap(([seconds = 0, samples = 0]) => {
    const data = sound.subarray(sample * channels, (sample + samples) * channels);
    sample += samples;
    return detector.push({ sampleRate, channels, samples, timestampMs: seconds * 1000, data });
  });

  return onsets.flatMap((onsetMs) => {
    const near = pictures.filter(({ atMs }) => Math.abs(atMs - onsetMs) < nearMs);
    const base = median(near.map(({ baseMs }) => baseMs));
    if (base === undefined) return [];
    const clockMs = onsetMs - base;
    return [clockMs - Math.round(clockMs / 1000) * 1000];
  });
}
