import { RtcError } from '#lib/errors';

/** Waits for the rejection and gives its RtcError; anything else fails. */
export async function rejection(promise: Promise<unknown>): Promise<RtcError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof RtcError) return error as RtcError;
    throw error;
  }
  throw new Error('it was expected to reject, and resolved');
}

export async function codeOf(promise: Promise<unknown>): Promise<string> {
  return (await rejection(promise)).code;
}

/** The code of what `call` throws or rejects with, 'none' when it does neither. */
export async function outcomeOf(call: () => unknown): Promise<string> {
  try {
    await call();
    return 'none';
  } catch (error) {
    if (error instanceof RtcError) return (error as RtcError).code;
    throw error;
  }
}

/** Everything that a log would show of an error. */
export function shown(error: unknown): string {
  const parts: string[] = [];
  for (let at: unknown = error; at instanceof Error; at = at.cause) parts.push(String(at.stack), JSON.stringify(at));
  return parts.join('\n');
}
