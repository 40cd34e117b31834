import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { release } from 'node:os';
import { promisify } from 'node:util';
import { RtcError } from '../../errors.js';
import type { EngineChoice } from '../../live/engine.js';
import { type EncoderInUse, encoderInUse } from './encoderInUse.js';

type Live = typeof import('../../live/engine.js');

/** `note`: worth knowing, nothing that the product needs. */
export type CheckStatus = 'ok' | 'note' | 'missing';

export interface Check {
  name: string;
  status: CheckStatus;
  found: string;
  remedy?: string;
}

/** Node's own minimum, as in package.json "engines". */
const leastNode = [20, 19] as const;
const rtmpPort = 1935;
const programTimeoutMs = 5000;

/** Looks at everything; a check that itself fails is a finding, never an exception. */
export async function runChecks(options: { sdkPath?: string } = {}): Promise<Check[]> {
  const groups = await Promise.all([
    guarded('Node.js', async () => [node()]),
    guarded('system', async () => [system()]),
    guarded('engine', () => engine(options.sdkPath)),
    guarded('ffmpeg', () => programs(['ffmpeg', 'ffprobe'])),
    guarded('media server', async () => [mediaServer()]),
    guarded('ports', ports),
  ]);
  return groups.flat();
}

async function guarded(name: string, look: () => Promise<Check[]>): Promise<Check[]> {
  try {
    return await look();
  } catch (error) {
    return [
      { name, status: 'missing', found: messageOf(error), remedy: 'report this, with the output of doctor --json' },
    ];
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function node(): Check {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const enough = major > leastNode[0] || (major === leastNode[0] && minor >= leastNode[1]);
  const found = `${process.versions.node}, N-API ${process.versions.napi}`;
  if (enough) return { name: 'Node.js', status: 'ok', found };
  return { name: 'Node.js', status: 'missing', found, remedy: `install Node.js ${leastNode.join('.')} or newer` };
}

function system(): Check {
  const { glibcVersionRuntime } = (
    process.report.getReport() as unknown as { header: { glibcVersionRuntime?: string } }
  ).header;
  const libc = glibcVersionRuntime ? `, glibc ${glibcVersionRuntime}` : '';
  return { name: 'system', status: 'ok', found: `${process.platform} ${release()} ${process.arch}${libc}` };
}

/** Tencent's SDK, the engine that is used and what it can do. */
async function engine(sdkPath?: string): Promise<Check[]> {
  const live = await import('../../live/engine.js');
  const sdk = process.platform === 'win32' || sdkPath !== undefined ? liteav(live, sdkPath) : undefined;
  const choice = sdk?.status === 'ok' ? { name: 'liteav' as const, ...(sdkPath ? { sdkPath } : {}) } : 'embedded';
  return [...(sdk ? [sdk] : []), ...(await chosen(live, choice))];
}

function liteav(live: Live, sdkPath?: string): Check {
  const name = 'LiteAV SDK';
  try {
    const { version, library } = live.engineInfo({ name: 'liteav', ...(sdkPath ? { sdkPath } : {}) });
    return { name, status: 'ok', found: `${version}, ${library}` };
  } catch (error) {
    const found = messageOf(error);
    const code = error instanceof RtcError ? error.code : undefined;
    // The addon's own absence is the engine's finding, and a machine without the SDK is whole.
    const named = sdkPath !== undefined || Boolean(process.env.LITEAV_SDK_DIR);
    if (code === 'ERR_RTC_ADDON_NOT_FOUND' || (code === 'ERR_RTC_SDK_NOT_FOUND' && !named)) {
      return { name, status: 'note', found: 'none; the embedded engine is used' };
    }
    const remedy = "do what the finding says; without the SDK choose the engine 'embedded'";
    return { name, status: 'missing', found: code ? `${code}: ${found}` : found, remedy };
  }
}

async function chosen(live: Live, choice: EngineChoice): Promise<Check[]> {
  try {
    const { name, version } = live.engineInfo(choice);
    const has = live.capabilities(choice);
    const list = (values: readonly string[]) => (values.length > 0 ? values.join(', ') : 'none');
    return [
      { name: 'engine', status: 'ok', found: `${name}: ${version}` },
      { name: 'video encoders', ...some(has.videoEncoders, 'FFmpeg with libx264 or libopenh264', /264/) },
      hardware(
        has.hardwareEncoders.filter((encoder) => /264/.test(encoder)),
        await encoderInUse(choice),
      ),
      { name: 'audio encoders', ...some(has.audioEncoders, 'FFmpeg with its AAC encoder', /aac/) },
      { name: 'video decoders', ...some(has.videoDecoders, 'FFmpeg with its H.264 decoder', /264/) },
      { name: 'audio decoders', ...some(has.audioDecoders, 'FFmpeg with its AAC decoder', /aac/) },
      { name: 'protocols', status: 'ok', found: list(has.protocols) },
      { name: 'sources', status: 'ok', found: `video ${list(has.videoSources)}; audio ${list(has.audioSources)}` },
      devices(has.videoSources, has.audioSources),
    ];
  } catch (error) {
    const found = messageOf(error);
    const remedy =
      error instanceof RtcError && error.code === 'ERR_RTC_ADDON_NOT_FOUND'
        ? 'in a clone run  npm run setup ; with the package, see the numbered remedies in what was found'
        : 'report this, with the output of doctor --json';
    return [{ name: 'engine', status: 'missing', found, remedy }];
  }
}

function hardware(encoders: readonly string[], inUse: EncoderInUse | undefined): Check {
  const name = 'encoder in use';
  if (!inUse) return { name, status: 'note', found: 'this engine tells none' };
  const { encoder, failure } = inUse;
  if (encoders.length === 0) return { name, status: 'ok', found: `${encoder}; FFmpeg has none on hardware` };
  if (!failure) return { name, status: 'ok', found: `${encoder} with enableHWAcceleration` };
  return { name, status: 'note', found: `${encoder}; of those on hardware (${encoders.join(', ')}) none opens` };
}

/** One of the values must be what every stream may need. */
function some(values: readonly string[], wanted: string, needed: RegExp): Omit<Check, 'name'> {
  const found = values.join(', ') || 'none';
  if (values.some((value) => needed.test(value))) return { status: 'ok', found };
  return { status: 'missing', found, remedy: `install ${wanted} and build the addon again` };
}

function devices(video: readonly string[], audio: readonly string[]): Check {
  const kinds = [...video, ...audio].filter((source) => ['camera', 'screen', 'microphone'].includes(source));
  if (kinds.length > 0) return { name: 'devices', status: 'ok', found: kinds.join(', ') };
  const found = 'this engine opens no camera, screen or microphone: synthetic, file and user sources only';
  return { name: 'devices', status: 'note', found };
}

async function programs(names: readonly string[]): Promise<Check[]> {
  return await Promise.all(
    names.map(async (name): Promise<Check> => {
      try {
        const { stdout } = await promisify(execFile)(name, ['-version'], { timeout: programTimeoutMs });
        return { name, status: 'ok', found: stdout.match(/version (\S+)/)?.[1] ?? 'unknown version' };
      } catch (error) {
        const absent = (error as NodeJS.ErrnoException).code === 'ENOENT';
        const found = absent ? 'not found (the demo reads its recordings with it)' : messageOf(error);
        return { name, status: 'note', found, remedy: 'install FFmpeg (Debian: apt-get install ffmpeg)' };
      }
    }),
  );
}

function mediaServer(): Check {
  const name = 'media server';
  try {
    const require = createRequire(import.meta.url);
    const { version } = JSON.parse(readFileSync(require.resolve('node-media-server/package.json'), 'utf8')) as {
      version: string;
    };
    return { name, status: 'ok', found: `embedded, node-media-server ${version}` };
  } catch (error) {
    return { name, status: 'missing', found: messageOf(error), remedy: 'install the packages again: npm ci' };
  }
}

async function ports(): Promise<Check[]> {
  const any = await listenError(0);
  const free: Check = any
    ? {
        name: 'ports',
        status: 'missing',
        found: `127.0.0.1 cannot be listened on: ${any}`,
        remedy: 'allow this user to listen on loopback ports (a sandbox or a firewall forbids it)',
      }
    : { name: 'ports', status: 'ok', found: 'free ports of 127.0.0.1 can be had' };
  const rtmp = await listenError(rtmpPort);
  const standard: Check = rtmp
    ? {
        name: `port ${rtmpPort}`,
        status: 'note',
        found: `${rtmp}: another media server may run`,
        remedy: `give  rtcroom serve  another one with --rtmp-port`,
      }
    : { name: `port ${rtmpPort}`, status: 'ok', found: 'free for rtcroom serve' };
  return [free, standard];
}

async function listenError(port: number): Promise<string | undefined> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? messageOf(error);
  } finally {
    server.close();
  }
}
