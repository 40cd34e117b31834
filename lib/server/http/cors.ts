import type { FastifyReply, FastifyRequest } from 'fastify';

/** As the original's; the preflight of any path is answered with them. */
const headers = {
  'access-control-allow-methods': 'POST, GET',
  'access-control-max-age': '3600',
  'access-control-allow-headers': 'Content-Type, Access-Control-Allow-Headers, Authorization, X-Requested-With',
  'access-control-expose-headers': 'Retry-After',
};

/** Lets pages of these origins call the service, of all with '*'. The result adds the headers of an answer. */
export function corsHeaders(allowOrigin: readonly string[]): (request: FastifyRequest, reply: FastifyReply) => void {
  if (allowOrigin.includes('*')) {
    const all = { ...headers, 'access-control-allow-origin': '*' };
    return (_request, reply) => void reply.headers(all);
  }
  const allowed = new Set(allowOrigin);
  return (request, reply) => {
    reply.headers(headers).header('vary', 'Origin');
    const { origin } = request.headers;
    if (origin !== undefined && allowed.has(origin)) reply.header('access-control-allow-origin', origin);
  };
}
