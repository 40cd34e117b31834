import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inflateSync } from 'node:zlib';

export interface StandInOptions {
  sdkAppID: number;
  secretKey: string;
  admin?: string;
  /** Calls of one kind that it takes in any second; more are answered with 60007, as there. Default 200. */
  callsPerSecond?: number;
  now: () => number;
}

export interface SeenCall {
  call: string;
  // biome-ignore lint/suspicious/noExplicitAny: a body is what the test says it is
  body: any;
  random: number;
  code: number;
}

type Fault = { code: number } | { status: number; headers?: Record<string, string>; text?: string } | 'hang' | 'cut';

const prefix = '/v4/group_open_http_svc/';

/**
 * Stands in for Tencent's IM REST API as its documents describe it: checks address, query, signature and body of every
 * call, keeps groups, answers in its shape (HTTP 200 and an ErrorCode). What no caller may send is in `violations`.
 */
export class TencentImStandIn {
  /** Calls that were answered by the API itself, in order. */
  readonly calls: SeenCall[] = [];
  readonly violations: string[] = [];
  /** Group → what its members heard of, in order. */
  readonly groups = new Map<string, string[]>();
  /** What groups that were ended had heard. */
  readonly ended: { group: string; heard: string[] }[] = [];
  /** Groups of another owner. */
  readonly foreign = new Set<string>();
  /** As for customers of today. */
  isNotificationClosed = false;
  closedCode = 10026;
  /** Asked before each call; a fault takes the place of its answer. */
  fault: (call: string, body: SeenCall['body']) => Fault | undefined | Promise<Fault | undefined> = () => undefined;
  /** Most calls of one kind in any second. */
  busiest = 0;
  readonly #options: Required<StandInOptions>;
  readonly #server: Server;
  readonly #times = new Map<string, number[]>();
  readonly #randoms = new Set<number>();
  readonly #messages = new Set<string>();

  private constructor(options: StandInOptions) {
    this.#options = { admin: 'admin', callsPerSecond: 200, ...options };
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  static async start(options: StandInOptions): Promise<TencentImStandIn> {
    const it = new TencentImStandIn(options);
    await it.listen();
    return it;
  }

  async listen(port = 0): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve));
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Calls by name, in order. */
  get names(): string[] {
    return this.calls.map(({ call }) => call);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = '';
    for await (const piece of request) text += piece;
    const url = new URL(request.url ?? '/', 'http://x');
    const call = url.pathname.slice(prefix.length);
    if (request.method !== 'POST' || !url.pathname.startsWith(prefix))
      this.#violate(`${request.method} ${url.pathname}`);
    if (request.headers['content-type'] !== 'application/json')
      this.#violate(`type ${request.headers['content-type']}`);
    let body: SeenCall['body'];
    try {
      body = JSON.parse(text);
    } catch {
      this.#violate('a body that is no JSON');
    }
    const fault = await this.fault(call, body);
    if (fault === 'hang') return;
    if (fault === 'cut') return void response.destroy();
    if (fault && 'status' in fault) {
      response.writeHead(fault.status, fault.headers).end(fault.text ?? '');
      return;
    }
    const code = this.#checkQuery(url.searchParams) ?? this.#checkRate(call) ?? fault?.code ?? this.#do(call, body);
    this.calls.push({ call, body, random: Number(url.searchParams.get('random')), code });
    const answer = {
      ActionStatus: code === 0 ? 'OK' : 'FAIL',
      ErrorInfo: code === 0 ? '' : `said of ${request.url}`,
      ErrorCode: code,
    };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  }

  #violate(what: string): void {
    this.violations.push(what);
  }

  #checkQuery(query: URLSearchParams): number | undefined {
    const names = [...query.keys()].join();
    if (names !== 'sdkappid,identifier,usersig,random,contenttype') this.#violate(`query ${names}`);
    if (query.get('contenttype') !== 'json') this.#violate(`contenttype ${query.get('contenttype')}`);
    const random = query.get('random') ?? '';
    if (!/^\d{1,10}$/.test(random) || Number(random) > 0xffff_ffff) this.#violate(`random ${random}`);
    if (this.#randoms.has(Number(random))) this.#violate(`random ${random} again`);
    this.#randoms.add(Number(random));
    const { sdkAppID, admin } = this.#options;
    if (query.get('sdkappid') !== String(sdkAppID)) return 60012;
    if (query.get('identifier') !== admin) return 60010;
    return this.#checkSig(query.get('usersig') ?? '');
  }

  /** By the specification's own words, and not by the code under test. */
  #checkSig(sig: string): number | undefined {
    const { sdkAppID, admin, secretKey, now } = this.#options;
    try {
      const base64 = sig.replaceAll('*', '+').replaceAll('-', '/').replaceAll('_', '=');
      const fields = JSON.parse(inflateSync(Buffer.from(base64, 'base64')).toString());
      const { 'TLS.time': time, 'TLS.expire': expire } = fields;
      const text = `TLS.identifier:${admin}\nTLS.sdkappid:${sdkAppID}\nTLS.time:${time}\nTLS.expire:${expire}\n`;
      const right = createHmac('sha256', secretKey).update(text).digest('base64');
      if (fields['TLS.identifier'] !== admin) return 70013;
      if (fields['TLS.sdkappid'] !== sdkAppID) return 70014;
      if (fields['TLS.sig'] !== right || fields['TLS.ver'] !== '2.0') return 70009;
      return now() / 1000 > time + expire ? 70001 : undefined;
    } catch {
      return 70003;
    }
  }

  #checkRate(call: string): number | undefined {
    const nowMs = performance.now();
    const times = (this.#times.get(call) ?? []).filter((time) => time > nowMs - 1000);
    times.push(nowMs);
    this.#times.set(call, times);
    this.busiest = Math.max(this.busiest, times.length);
    return times.length > this.#options.callsPerSecond ? 60007 : undefined;
  }

  #do(call: string, body: SeenCall['body']): number {
    const group: unknown = body?.GroupId;
    if (typeof group !== 'string' || !/^[\x20-\x7e]{1,48}$/.test(group)) return 10004;
    const heard = this.groups.get(group);
    const is = (...fields: string[]) => {
      const same = Object.keys(body).sort().join() === fields.sort().join();
      if (!same) this.#violate(`${call} with ${Object.keys(body)}`);
    };
    switch (call) {
      case 'create_group':
        is('Owner_Account', 'Type', 'GroupId', 'Name');
        if (body.Owner_Account !== this.#options.admin || body.Type !== 'AVChatRoom' || body.Name !== 'group_name')
          return 10004;
        if (this.foreign.has(group)) return 10021;
        if (heard) return 10025;
        this.groups.set(group, []);
        return 0;
      case 'destroy_group':
        is('GroupId');
        if (!heard) return 10010;
        this.groups.delete(group);
        this.ended.push({ group, heard });
        return 0;
      case 'send_group_system_notification':
        is('GroupId', 'Content');
        if (this.isNotificationClosed) return this.closedCode;
        if (typeof body.Content !== 'string') return 10004;
        if (!heard) return 10015;
        heard.push(`system ${body.Content}`);
        return 0;
      case 'send_group_msg': {
        is('GroupId', 'Random', 'MsgBody');
        const { Random, MsgBody } = body;
        if (!Number.isInteger(Random) || Random < 0 || Random > 0xffff_ffff) return 10004;
        if (!Array.isArray(MsgBody) || MsgBody.length !== 1 || MsgBody[0].MsgType !== 'TIMCustomElem') return 10004;
        if (typeof MsgBody[0].MsgContent?.Data !== 'string') return 10004;
        if (!heard) return 10015;
        // The same one within five minutes is one.
        const name = `${group} ${Random}`;
        if (!this.#messages.has(name)) heard.push(`message ${MsgBody[0].MsgContent.Data}`);
        this.#messages.add(name);
        return 0;
      }
      default:
        return 60009;
    }
  }
}
