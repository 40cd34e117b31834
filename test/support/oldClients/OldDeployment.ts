import { RoomService, type RoomServiceOptions } from '#lib/server/RoomService';
import { FakeMediaServer } from '../server/fakeMediaServer.js';
import { sdkAppID, secretKey } from '../server/roomClient.js';
import type { OldClient } from './OldClient.js';

/** A service in the place of an old one, on a database file, with its clients, in a time that the test moves. */
export class OldDeployment {
  nowMs = 1_800_000_000_000;
  readonly clients: OldClient[] = [];
  readonly #options: Partial<RoomServiceOptions>;
  #service: RoomService | undefined;
  #port = 0;

  constructor(options: Partial<RoomServiceOptions>) {
    this.#options = options;
  }

  get service(): RoomService {
    if (!this.#service) throw new Error('the service is down');
    return this.#service;
  }

  /** As the Java service is deployed: under a prefix. */
  serverDomain(type: string): string {
    return `http://127.0.0.1:${this.#port}/roomservice/weapp/${type}`;
  }

  async start(): Promise<void> {
    this.#service = new RoomService({
      media: new FakeMediaServer(),
      sdkAppID,
      secretKey,
      // Swept by `pass`.
      sweepIntervalMs: 1_000_000,
      clock: () => this.nowMs,
      ...this.#options,
    });
    await this.#service.listen({ port: this.#port });
    this.#port = this.#service.address.port;
  }

  /** Ends the service and starts another on the same port and file; the clients' IM finds it again, as SDKs do. */
  async restart(downMs: number): Promise<void> {
    await this.service.close();
    this.#service = undefined;
    this.nowMs += downMs;
    await this.start();
    for (const client of this.clients) await client.reconnect();
  }

  /** Lets time pass, a second at a time: clients' timers fire, and the service sweeps every 5 s. */
  async pass(seconds: number): Promise<void> {
    for (let second = 1; second <= seconds; second++) {
      this.nowMs += 1000;
      for (const client of this.clients) await client.tick(this.nowMs);
      if (second % 5 === 0) await this.service.sweep();
    }
  }

  async close(): Promise<void> {
    for (const client of this.clients.splice(0)) client.crash();
    await this.#service?.close();
  }
}
