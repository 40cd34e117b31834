import type { FastifyReply } from 'fastify';
import { ServiceCode, successMessage } from '../ServiceError.js';

/** What every answer of code 0 begins with. */
export const success = { code: ServiceCode.ok, message: successMessage } as const;

/** The same of an answer that is put together as text; more fields and a brace are to follow. */
export const successBegin = JSON.stringify(success).slice(0, -1);

/** Makes a text that is JSON an answer: the frequent ones are not made of objects. */
export function json<Text extends string | Buffer>(reply: FastifyReply, text: Text): Text {
  reply.type('application/json; charset=utf-8');
  return text;
}
