import swagger from '@fastify/swagger';
import type { FastifySchema } from 'fastify';
import { packageVersion } from '../../packageVersion.js';
import type { App } from './createApp.js';
import { type OperationText, operationTexts } from './operations.js';

const about = `The room service of liteav-rtcroom. Methods below /weapp answer HTTP 200 with a code: 0 is success, any other a
refusal, with its reason in message. Elsewhere HTTP statuses tell. See docs/room-service.md and docs/errors.md.`;

const codeAndMessage = { code: { type: 'integer' }, message: { type: 'string' } };
const reason = {
  type: 'string',
  enum: ['loggedInElsewhere', 'expelled'],
  description: 'with code 7: this login was ended for good; absent where logging in again is right',
};
const otherContent: Record<string, string> = { '/metrics': 'text/plain', '/weapp/im/events': 'text/event-stream' };

function textOf(method: string, url: string): OperationText | undefined {
  return (
    operationTexts[`${method} ${url}`] ?? operationTexts[url] ?? operationTexts[url.slice(url.lastIndexOf('/') + 1)]
  );
}

function tagOf(url: string): string {
  const [, first = '', second = ''] = url.split('/');
  return first === 'weapp' ? second : first === 'admin' ? 'admin' : 'operation';
}

/** `/a/{b}` of `/a/:b`. */
function templated(url: string): string {
  return url.replace(/:(\w+)/g, '{$1}');
}

/** Answers are described here, not in the routes: there they would also take fields out of what is sent. */
function described(schema: FastifySchema | undefined, method: string, url: string): FastifySchema {
  const operation = textOf(method, templated(url));
  const tag = tagOf(url);
  const isRoom = url.startsWith('/weapp/');
  const other = otherContent[url];
  const query = schema?.querystring as { properties?: Record<string, unknown> } | undefined;
  const hasToken = query?.properties?.token !== undefined;
  const properties = {
    ...(tag !== 'operation' && codeAndMessage),
    ...operation?.fields,
    ...(isRoom && hasToken && { reason }),
  };
  const answer =
    other === undefined
      ? { description: isRoom ? 'code 0, or a refusal' : 'done', type: 'object', properties }
      : { description: 'a stream of text', content: { [other]: { schema: { type: 'string' } } } };
  const security = tag === 'admin' ? [{ adminKey: [] }] : hasToken ? [{ token: [] }] : [];
  return {
    ...schema,
    tags: [tag],
    ...(operation && { summary: operation.summary }),
    operationId: `${method} ${url}`.toLowerCase().replace(/[^a-z0-9]+/g, '_'),
    security,
    response: {
      200: answer,
      ...(tag !== 'operation' && {
        429: {
          description: 'too often; Retry-After tells when to come back',
          type: 'object',
          properties: codeAndMessage,
        },
      }),
      ...(tag === 'admin' && {
        401: { description: 'wrong or missing key', type: 'object', properties: codeAndMessage },
        404: { description: 'no such room or member', type: 'object', properties: codeAndMessage },
      }),
      ...(url === '/readyz' && { 503: { ...answer, description: 'not ready' } }),
      ...(url === '/weapp/im/events' && {
        401: {
          description: 'wrong token: log in again, unless there is a reason',
          type: 'object',
          properties: { ...codeAndMessage, reason },
        },
      }),
    },
  };
}

/** Collects the routes added after it for `GET /openapi.json`. */
export function addOpenApi(app: App): void {
  app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'liteav-rtcroom room service', version: packageVersion(), description: about.replace('\n', ' ') },
      components: {
        securitySchemes: {
          token: { type: 'apiKey', in: 'query', name: 'token', description: 'of login, together with its userID' },
          adminKey: { type: 'http', scheme: 'bearer', description: 'the option adminKey' },
        },
      },
    },
    transform: ({ schema, url, route }) => {
      if (schema?.hide) return { schema, url };
      return { schema: described(schema, String(route.method), url), url };
    },
  });
  app.after(() => {
    app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger());
  });
}
