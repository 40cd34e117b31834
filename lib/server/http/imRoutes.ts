import type { Tokens } from '../auth/Tokens.js';
import type { MessageElement } from '../im/events.js';
import type { ImHub } from '../im/ImHub.js';
import { PollSink } from '../im/PollSink.js';
import { SseSink } from '../im/SseSink.js';
import { ServiceCode, ServiceError, successMessage } from '../ServiceError.js';
import type { App } from './createApp.js';
import { authenticate } from './identity.js';
import { eventsQuery, identityQuery, sendBody } from './schemas.js';

export interface ImRoutesOptions {
  hub: ImHub;
  tokens: Tokens;
  pingIntervalMs: number;
  /** See SseSinkOptions. */
  maxBufferedBytes: number;
  /** Told of a user who sends, or whose stream was closed. */
  onSeen: (userID: string) => void;
  /** Counts an open stream until its result is called. */
  streamOpened: () => () => void;
}

/**
 * `GET /weapp/im/events` (server-sent events; with `poll=SECONDS` one long poll, answered in the same format) and
 * `POST /weapp/im/send`.
 */
export function addImRoutes(app: App, options: ImRoutesOptions): void {
  const { hub, tokens } = options;

  app.get('/weapp/im/events', { schema: { querystring: eventsQuery } }, async (request, reply) => {
    const { userID = '', token = '', lastEventID, poll } = request.query;
    try {
      await tokens.check(userID, token);
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      return reply.code(401).send({ code: error.code, message: error.message, ...error.fields });
    }
    const resumeFrom = request.headers['last-event-id'] ?? lastEventID;
    const headers = reply.getHeaders() as Record<string, string>;
    reply.hijack();
    let detach = () => {};
    const closed = options.streamOpened();
    const onClose = () => {
      closed();
      options.onSeen(userID);
      detach();
    };
    const sink =
      poll === undefined
        ? new SseSink(reply.raw, headers, {
            pingIntervalMs: options.pingIntervalMs,
            maxBufferedBytes: options.maxBufferedBytes,
            isValid: async () => {
              try {
                await tokens.check(userID, token);
                return true;
              } catch (error) {
                // Who cannot be asked about now is not sent away.
                return !(error instanceof ServiceError);
              }
            },
            onClose,
          })
        : new PollSink(reply.raw, headers, { waitMs: Number(poll) * 1000, onClose });
    detach = hub.attach(userID, sink, typeof resumeFrom === 'string' ? resumeFrom : undefined);
    if (reply.raw.destroyed) {
      closed();
      detach();
    }
    return reply;
  });

  app.post('/weapp/im/send', { schema: { querystring: identityQuery, body: sendBody } }, async ({ query, body }) => {
    const { msgID, groupID, to, elements } = body;
    if ((groupID === undefined) === (to === undefined)) {
      throw new ServiceError(ServiceCode.parameter, 'give either groupID or to');
    }
    const from = await authenticate(tokens, query);
    options.onSeen(from);
    const recipient = groupID === undefined ? { to: to as string } : { groupID };
    const time = await hub.send({ from, msgID, elements: elements.map(knownFields), ...recipient });
    return { code: ServiceCode.ok, message: successMessage, time };
  });
}

/** What else stands in an element would reach others uncounted by the limits, and nested without end it cannot be written. */
function knownFields(element: MessageElement): MessageElement {
  return element.type === 'custom' ? { type: 'custom', data: element.data } : { type: 'text', text: element.text };
}
