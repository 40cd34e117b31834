import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { EngineChoice } from '#lib/live/engine';
import { TXLivePusher } from '#lib/live/TXLivePusher';
import { codeOf } from '../client/expectCode.js';

/** Nothing listens on port 1: two events and an error, without a server. */
const refused = 'rtmp://127.0.0.1:1/live/x';

/** Events reach their listeners, whatever those do. */
export function listenersSuite(engine: EngineChoice): void {
  describe('listeners', () => {
    it('hear every event, in order, before the promise rejects', async () => {
      await using pusher = new TXLivePusher({ engine, connectRetryCount: 0 });
      const heard: string[] = [];
      pusher.on('event', ({ name }) => heard.push(name));
      pusher.on('PUSH_ERR_NET_DISCONNECT', ({ name, code, nativeCode, severity, params, time }) => {
        heard.push(`own ${name}`);
        expect({ code, nativeCode, severity }).toEqual({ code: -1307, nativeCode: -1307, severity: 'error' });
        expect(params.EVT_TIME).toBe(String(time));
      });
      const code = await codeOf(pusher.startPush(refused)).then((value) => {
        heard.push('rejected');
        return value;
      });
      expect(code).toBe('ERR_RTC_CONNECT_FAILED');
      expect(heard).toEqual([
        'PUSH_WARNING_SEVER_CONN_FAIL',
        'PUSH_ERR_NET_DISCONNECT',
        'own PUSH_ERR_NET_DISCONNECT',
        'rejected',
      ]);
    });

    it('that throw or reject are reported and stop nobody', async () => {
      await using pusher = new TXLivePusher({ engine, connectRetryCount: 0 });
      const reported: [unknown, string][] = [];
      pusher.on('listenerError', (error, name) => reported.push([error, name]));
      const thrown = new Error('thrown');
      const rejected = new Error('rejected');
      pusher.once('event', () => {
        throw thrown;
      });
      pusher.on('PUSH_ERR_NET_DISCONNECT', (async () => {
        throw rejected;
      }) as () => void);
      let heard = 0;
      pusher.on('event', () => heard++);
      expect(await codeOf(pusher.startPush(refused))).toBe('ERR_RTC_CONNECT_FAILED');
      expect(heard).toBe(2);
      expect(reported).toEqual([
        [thrown, 'event'],
        [rejected, 'PUSH_ERR_NET_DISCONNECT'],
      ]);
    });

    it('that throw become a process warning where nobody listens for that', async () => {
      await using pusher = new TXLivePusher({ engine, connectRetryCount: 0 });
      const warned = once(process, 'warning');
      pusher.once('event', () => {
        throw new Error('thrown');
      });
      expect(await codeOf(pusher.startPush(refused))).toBe('ERR_RTC_CONNECT_FAILED');
      const [warning] = await warned;
      expect(warning.code).toBe('RTC_LISTENER_ERROR');
    });

    it('may close the object that speaks', async () => {
      const pusher = new TXLivePusher({ engine, connectRetryCount: 0 });
      const heard: string[] = [];
      let closing: Promise<void> | undefined;
      pusher.on('event', ({ name }) => {
        heard.push(name);
        closing ??= pusher.close();
      });
      expect(await codeOf(pusher.startPush(refused))).toMatch(/^ERR_RTC_(ABORTED|CONNECT_FAILED)$/);
      await closing;
      expect(heard[0]).toBe('PUSH_WARNING_SEVER_CONN_FAIL');
      expect(pusher.closed).toBe(true);
    });
  });
}
