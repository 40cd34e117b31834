import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { EventStream } from '../support/server/eventStream.js';
import { raw, secretKey } from '../support/server/roomClient.js';
import { TencentImStandIn } from '../support/server/TencentImStandIn.js';

const program = fileURLToPath(new URL('../support/server/runServe.mjs', import.meta.url));
const started: ChildProcess[] = [];
afterEach(() => {
  for (const child of started.splice(0)) if (child.exitCode === null) child.kill('SIGKILL');
});

interface Running {
  child: ChildProcess;
  output: () => string;
  errors: () => string;
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** The first line of standard output. */
  line: Promise<string>;
}

function serve(args: string[], env: Record<string, string> = {}, command = 'serve'): Running {
  const { RTCROOM_SECRET_KEY: _, ...clean } = process.env;
  const child = spawn(process.execPath, [program, command, ...args], { env: { ...clean, ...env } });
  started.push(child);
  let output = '';
  let errors = '';
  child.stderr.on('data', (text) => {
    errors += text;
  });
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal }));
  });
  const line = new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (text) => {
      output += text;
      const end = output.indexOf('\n');
      if (end >= 0) resolve(output.slice(0, end));
    });
    void ended.then(() => reject(new Error(`it ended without a line: ${errors}`)));
  });
  line.catch(() => {});
  return { child, output: () => output, errors: () => errors, ended, line };
}

const freePorts = ['--port', '0', '--rtmp-port', '0', '--http-flv-port', '0'];

// Each starts Node and the media server's process, which a loaded machine does slowly.
describe('rtcroom serve', { timeout: 90_000 }, () => {
  it('makes groups at Tencent’s IM where it is told to, with every option of it, and ends them tidily', async () => {
    const sdkAppID = 1_400_000_001;
    const tencent = await TencentImStandIn.start({ sdkAppID, secretKey, admin: 'root', now: Date.now });
    try {
      const flags = {
        im: 'true',
        'im-url': tencent.url,
        'im-admin': 'root',
        'im-notices': 'message',
        'im-timeout-ms': '4000',
      };
      const args = Object.entries(flags).flatMap(([name, value]) => [`--tencent-${name}`, value]);
      const env = {
        RTCROOM_SECRET_KEY: secretKey,
        RTCROOM_TENCENT_IM_CALLS_PER_SECOND: '50',
        RTCROOM_TENCENT_IM_MAX_QUEUED: '9',
      };
      const run = [...freePorts, '--development', '--json', '--sdk-app-id', String(sdkAppID), '--log-level', 'debug'];
      const it_ = serve([...run, ...args], env);
      const base = JSON.parse(await it_.line).doubleRoom.replace(/\/double_room$/, '');
      const info = (await raw(`${base}/utils/get_login_info?userID=ann`, { method: 'GET' })).json;
      const login = new URLSearchParams({
        sdkAppID: info.sdkAppID,
        accountType: '0',
        userID: 'ann',
        userSig: info.userSig,
      });
      const { token } = (await raw(`${base}/double_room/login?${login}`)).json;
      const post = async (method: string, body: object) => {
        const headers = { 'content-type': 'application/json' };
        const query = new URLSearchParams({ userID: 'ann', token });
        return (await raw(`${base}/double_room/${method}?${query}`, { headers, body: JSON.stringify(body) })).json;
      };
      expect(await post('create_room', { roomID: 'r' })).toMatchObject({ code: 0 });
      const { pushURL } = await post('get_push_url', { roomID: 'r' });
      expect(await post('add_pusher', { roomID: 'r', pushURL })).toMatchObject({ code: 0 });
      expect(await post('delete_pusher', { roomID: 'r' })).toMatchObject({ code: 0 });
      it_.child.kill('SIGTERM');
      expect(await it_.ended).toEqual({ code: 0, signal: null });
      expect(tencent.names[0]).toBe('create_group');
      expect(tencent.names.at(-1)).toBe('destroy_group');
      expect(tencent.names).not.toContain('send_group_system_notification');
      expect(tencent.violations).toEqual([]);
      expect(it_.errors()).not.toContain('usersig');
    } finally {
      await tencent.close();
    }
  });

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'serves until %s, then ends streams and itself with exit code 0',
    async (signal) => {
      const it_ = serve([...freePorts, '--development', '--json', '--log-level', 'debug']);
      const addresses = JSON.parse(await it_.line);
      expect(addresses).toMatchObject({
        sdkAppID: 1_400_000_000,
        rtmpUrl: expect.stringMatching(/^rtmp:\/\/127\.0\.0\.1:\d+\/live$/),
      });
      const base = addresses.doubleRoom.replace(/\/double_room$/, '');
      const info = (await raw(`${base}/utils/get_login_info?userID=alice`, { method: 'GET' })).json;
      const query = new URLSearchParams({
        sdkAppID: info.sdkAppID,
        accountType: '0',
        userID: 'alice',
        userSig: info.userSig,
      });
      const { token } = (await raw(`${base}/double_room/login?${query}`)).json;
      const stream = await EventStream.open(`${base}/im/events?userID=alice&token=${token}`);
      await stream.until(() => stream.events.length === 1);
      it_.child.kill(signal);
      await stream.until(() => stream.ended);
      expect(await it_.ended).toEqual({ code: 0, signal: null });
      expect(it_.errors()).toContain('room service closed');
      for (const secret of [token, info.userSig, addresses.secretKey]) expect(it_.errors()).not.toContain(secret);
    },
  );

  it('keeps rooms in a file that SIGKILL does not hurt, and is told a key by its environment', async () => {
    const { mkdtemp, rm } = await import('node:fs/promises');
    const { tmpdir } = await import('node:os');
    const folder = await mkdtemp(`${tmpdir()}/rtcroom-serve-`);
    try {
      const args = [...freePorts, '--database', `${folder}/rooms.db`, '--json', '--development'];
      const env = { RTCROOM_SECRET_KEY: 'a-secret-key-of-the-environment' };
      const first = serve(args, env);
      const addresses = JSON.parse(await first.line);
      expect(addresses.secretKey).toBeUndefined();
      const login = async (url: string) => {
        const info = (await raw(url.replace('double_room', 'utils/get_login_info?userID=alice'), { method: 'GET' }))
          .json;
        const query = new URLSearchParams({
          sdkAppID: info.sdkAppID,
          accountType: '0',
          userID: 'alice',
          userSig: info.userSig,
        });
        return (await raw(`${url}/login?${query}`)).json.token as string;
      };
      const token = await login(addresses.doubleRoom);
      const call = (base: string, method: string, body: object) =>
        raw(`${base}/${method}?userID=alice&token=${token}`, {
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        }).then(({ json }) => json);
      expect((await call(addresses.doubleRoom, 'create_room', { roomID: 'room_file', roomInfo: 'kept' })).code).toBe(0);
      first.child.kill('SIGKILL');
      await first.ended;
      const second = serve(args, env);
      const again = JSON.parse(await second.line);
      expect(await call(again.doubleRoom, 'get_pushers', { roomID: 'room_file' })).toMatchObject({
        code: 0,
        roomInfo: 'kept',
      });
      second.child.kill('SIGTERM');
      expect((await second.ended).code).toBe(0);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('ends with 3 when a port is taken, of rooms or of media', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const port = String((taken.address() as { port: number }).port);
    try {
      const rooms = serve(['--port', port, '--rtmp-port', '0', '--http-flv-port', '0', '--development', '--json']);
      const media = serve(['--port', '0', '--rtmp-port', port, '--http-flv-port', '0', '--development', '--json']);
      expect((await rooms.ended).code).toBe(3);
      expect((await media.ended).code).toBe(3);
      expect(JSON.parse(rooms.output()).error.code).toBe('ERR_RTC_INVALID_ARGUMENT');
      expect(JSON.parse(media.output()).error.code).toBe('ERR_RTC_MEDIA_SERVER');
    } finally {
      taken.close();
    }
  });

  it('takes options from a file, the environment and flags, and prints those in force without secrets', async () => {
    const { mkdtemp, rm, writeFile } = await import('node:fs/promises');
    const { tmpdir } = await import('node:os');
    const folder = await mkdtemp(`${tmpdir()}/rtcroom-config-`);
    try {
      const file = `${folder}/rtcroom.json`;
      await writeFile(
        file,
        JSON.stringify({ secretKey: '5ec2e7-5ec2e7-5ec2e7', port: 1, maxMembers: 7, bizid: '8525' }),
      );
      const args = ['--config', file, '--print-config', '--port', '2', '--development'];
      const printed = serve(args, { RTCROOM_MAX_MEMBERS: '8', RTCROOM_PORT: '3' });
      expect((await printed.ended).code).toBe(0);
      expect(JSON.parse(printed.output())).toMatchObject({
        secretKey: '[redacted]',
        port: 2,
        maxMembers: 8,
        bizid: '8525',
        development: true,
        adminKey: null,
      });
      await writeFile(file, '{ "secretKey": "5ec2e7", "prot": 1 }');
      const refused = serve(['--config', file, '--json']);
      expect((await refused.ended).code).toBe(2);
      const { error } = JSON.parse(refused.output());
      expect(error.code).toBe('ERR_RTC_INVALID_ARGUMENT');
      expect(error.message).toContain(`${file}:1:26 /prot: is no option; the nearest one is port`);
      for (const text of [printed.output(), printed.errors(), refused.output(), refused.errors()]) {
        expect(text).not.toContain('5ec2e7');
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('says at /readyz that it works, then from SIGTERM on that it ends; a second signal ends it at once', async () => {
    const args = [
      ...freePorts,
      '--development',
      '--json',
      '--admin-key',
      '5ec2e7-5ec2e7-5ec2e7',
      '--log-level',
      'debug',
    ];
    const it_ = serve([...args, '--shutdown-delay-ms', '60000']);
    const url = new URL(JSON.parse(await it_.line).doubleRoom).origin;
    const ready = () => raw(`${url}/readyz`, { method: 'GET' });
    // Of the real media server, by a handshake.
    expect((await ready()).json).toMatchObject({ status: 'ready', checks: { media: { ok: true } } });
    it_.child.kill('SIGTERM');
    await expect.poll(async () => (await ready()).json.status, { timeout: 10_000 }).toBe('draining');
    const headers = { authorization: 'Bearer 5ec2e7-5ec2e7-5ec2e7' };
    expect((await raw(`${url}/admin/rooms?type=double_room`, { method: 'GET', headers })).json.code).toBe(0);
    it_.child.kill('SIGTERM');
    expect(await it_.ended).toEqual({ code: null, signal: 'SIGTERM' });
    expect(it_.errors()).not.toContain('5ec2e7');
  });

  it('has no media server of its own where another one is named, and ends with 1 where that has other keys', async () => {
    const keys = { RTCROOM_MEDIA_PLAY_KEY: 'play-key-play-key', RTCROOM_MEDIA_CONTROL_KEY: '5ec2e7-5ec2e7-5ec2e7' };
    const env = { ...keys, RTCROOM_MEDIA_PUSH_KEY: 'push-key-push-key' };
    const ports = ['--rtmp-port', '0', '--http-flv-port', '0', '--media-control-port', '0'];
    const media = serve([...ports, '--json', '--log-level', 'debug'], env, 'media');
    const { mediaControlUrl: controlUrl, rtmpUrl } = JSON.parse(await media.line);
    const flags = ['--port', '0', '--development', '--json', '--public-rtmp-url', rtmpUrl];
    const control = ['--media-server', 'shared', '--media-control-url', controlUrl];
    const service = serve([...flags, ...control], env);
    const refused = serve([...flags, ...control], { ...env, RTCROOM_MEDIA_PUSH_KEY: 'other-key-other-key' });
    const external = serve([...flags, '--media-server', 'external'], env);
    const addresses = JSON.parse(await service.line);
    expect(addresses).toMatchObject({ rtmpUrl, httpFlvUrl: null });
    const url = new URL(addresses.doubleRoom).origin;
    expect((await raw(`${url}/readyz`, { method: 'GET' })).json).toMatchObject({ checks: { media: { ok: true } } });
    expect(await refused.ended).toEqual({ code: 1, signal: null });
    expect(JSON.parse(refused.output()).error.message).toContain('give the same mediaPushKey and mediaPlayKey to both');
    expect(JSON.parse(await external.line)).toMatchObject({ rtmpUrl });
    for (const one of [service, external, media]) {
      one.child.kill('SIGTERM');
      expect(await one.ended).toEqual({ code: 0, signal: null });
      expect(one.errors()).not.toContain('5ec2e7');
    }
  });

  it.each([
    ['without a secret key', freePorts],
    ['with an address that nobody can call', [...freePorts, '--development', '--host', '0.0.0.0']],
    ['with a port that is none', ['--port', '70000', '--development']],
    ['with an unknown option', ['--nonsense']],
  ])('ends with 2 %s', async (_name, args) => {
    expect((await serve(args).ended).code).toBe(2);
  });
});
