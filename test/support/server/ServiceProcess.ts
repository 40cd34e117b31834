import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { issueUserSig } from '#lib/server/auth/userSig';
import type { RemoteMediaServerOptions } from '#lib/server/media/RemoteMediaServer';
import type { RoomServiceOptions } from '#lib/server/RoomService';
import { EventStream } from './eventStream.js';
import { type Answer, raw, sdkAppID, secretKey, type User } from './roomClient.js';

const program = fileURLToPath(new URL('./runRoomService.mjs', import.meta.url));

export type ServiceProcessOptions = Partial<Omit<RoomServiceOptions, 'media' | 'logger' | 'clock'>> & {
  port?: number;
  /** Default: silent. */
  logLevel?: 'info' | 'warn' | 'error';
  /** The media server that it uses. Default: none. */
  shared?: RemoteMediaServerOptions;
};

export interface ServiceProcessLimits {
  /** Files that the process may have open, where that is not as many as this one. */
  openFiles?: number;
}

/** A room service in a process of its own. */
export class ServiceProcess {
  readonly url: string;
  readonly #child: ChildProcess;

  /** What it wrote to standard error. */
  log = '';

  private constructor(child: ChildProcess, url: string) {
    this.#child = child;
    this.url = url;
  }

  static async start(options: ServiceProcessOptions, limits: ServiceProcessLimits = {}): Promise<ServiceProcess> {
    const command = [process.execPath, program, JSON.stringify({ sdkAppID, secretKey, ...options })];
    const { openFiles } = limits;
    if (openFiles !== undefined) command.unshift('sh', '-c', `ulimit -n ${openFiles} && exec "$@"`, 'sh');
    const child = spawn(command[0] as string, command.slice(1), { stdio: ['ignore', 'pipe', 'pipe'] });
    let log = '';
    child.stderr?.on('data', (piece) => {
      log += piece;
      if (started) started.log = log;
    });
    let started: ServiceProcess | undefined;
    let text = '';
    for await (const piece of child.stdout ?? []) {
      text += piece;
      if (!text.includes('\n')) continue;
      started = new ServiceProcess(child, text.trim());
      started.log = log;
      return started;
    }
    throw new Error(`the service did not start: ${log}`);
  }

  get pid(): number {
    return this.#child.pid as number;
  }

  /** Where it listens. */
  get port(): number {
    return Number(new URL(this.url).port);
  }

  async kill(signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill(signal);
    await once(this.#child, 'exit');
  }

  post(path: string, query: object, body: unknown = {}): Promise<Answer> {
    return raw(`${this.url}/weapp/${path}?${new URLSearchParams(query as Record<string, string>)}`, {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  }

  async login(userID: string): Promise<User> {
    const nowSeconds = Math.floor(Date.now() / 1000);
    const userSig = issueUserSig({ sdkAppID, secretKey, userID, expireSeconds: 3600, nowSeconds });
    const { json } = await this.post('multi_room/login', { sdkAppID, accountType: '0', userID, userSig });
    if (json?.code !== 0) throw new Error(`login: ${JSON.stringify(json)}`);
    return { userID, token: json.token };
  }

  async enter(user: User, roomID: string): Promise<void> {
    const { json } = await this.post('multi_room/get_push_url', user, { userID: user.userID, roomID });
    const body = { userID: user.userID, roomID, userName: '', userAvatar: '', pushURL: json.pushURL };
    const added = (await this.post('multi_room/add_pusher', user, body)).json;
    if (added.code !== 0) throw new Error(`add_pusher: ${JSON.stringify(added)}`);
  }

  async members(user: User, roomID: string): Promise<string[]> {
    const { json } = await this.post('multi_room/get_pushers', user, { roomID });
    return json.pushers.map((one: { userID: string }) => one.userID);
  }

  async beat(user: User, roomID: string): Promise<number> {
    return (await this.post('multi_room/pusher_heartbeat', user, { userID: user.userID, roomID })).json.code;
  }

  async listen(user: User, lastEventID = ''): Promise<EventStream> {
    const query = new URLSearchParams({ ...user });
    const stream = await EventStream.open(`${this.url}/weapp/im/events?${query}`, { 'last-event-id': lastEventID });
    await stream.until(() => stream.events.length > 0);
    return stream;
  }
}
