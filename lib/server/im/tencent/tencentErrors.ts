/**
 * What to do about an answer: `retry` later (a passing fault of this call), `throttled` (all calls wait), `closed` (this
 * account may not use the call), `gone` (no such group), `exists` (the group is ours already), `expiredSig`, or `refused`
 * (trying again changes nothing).
 */
export type TencentVerdict = 'ok' | 'retry' | 'throttled' | 'closed' | 'gone' | 'exists' | 'expiredSig' | 'refused';

interface Meaning {
  verdict: TencentVerdict;
  /** Cause and remedy, for the log. */
  text: string;
}

const wrongSig =
  'the userSig of the administrator is not taken: check sdkAppID, secretKey and the data centre in the url';
const notAdmin = 'the administrator account is none of this application: name one of its console as admin';
const tooOften = 'more calls than the plan allows: lower callsPerSecond';
const passing = 'a passing fault at Tencent: tried again';
const closed = 'this application may not use that call';
const badRequest = 'the call is not understood: please report this';

/** The codes of Tencent's IM REST API that this service can meet. */
const meanings: Readonly<Record<number, Meaning>> = {
  0: { verdict: 'ok', text: 'done' },
  10002: { verdict: 'retry', text: passing },
  10003: { verdict: 'closed', text: closed },
  10004: {
    verdict: 'refused',
    text: 'a parameter is refused, for instance an administrator account that was never imported',
  },
  10006: { verdict: 'throttled', text: tooOften },
  10007: { verdict: 'refused', text: 'no permission: the group is of another owner than the administrator' },
  10010: { verdict: 'gone', text: 'the group was ended' },
  10015: { verdict: 'gone', text: 'there is no such group' },
  10021: { verdict: 'refused', text: 'the group is of another owner: choose another roomID, or end it at Tencent' },
  10023: { verdict: 'throttled', text: tooOften },
  10025: { verdict: 'exists', text: 'the group exists already, and is ours' },
  10026: { verdict: 'closed', text: closed },
  10036: {
    verdict: 'refused',
    text: 'more groups of the type AVChatRoom than the plan allows: end some, or take a larger plan',
  },
  60002: { verdict: 'refused', text: badRequest },
  60003: { verdict: 'refused', text: badRequest },
  60004: { verdict: 'refused', text: wrongSig },
  60005: { verdict: 'refused', text: wrongSig },
  60006: { verdict: 'refused', text: 'the sdkAppID is not good any more: check it in the console' },
  60007: { verdict: 'throttled', text: tooOften },
  60008: {
    verdict: 'retry',
    text: 'a timeout at Tencent, or a call that it does not understand: tried again a few times',
  },
  60009: { verdict: 'closed', text: closed },
  60010: { verdict: 'refused', text: notAdmin },
  60011: { verdict: 'throttled', text: tooOften },
  60012: { verdict: 'refused', text: badRequest },
  60013: { verdict: 'retry', text: passing },
  60014: { verdict: 'retry', text: passing },
  60016: { verdict: 'refused', text: 'the sdkAppID is disabled: see the console' },
  60017: { verdict: 'closed', text: closed },
  60018: { verdict: 'throttled', text: tooOften },
  60019: { verdict: 'throttled', text: tooOften },
  60020: { verdict: 'refused', text: 'the plan has ended: renew it' },
  60021: {
    verdict: 'refused',
    text: 'calls from this address are not allowed: see the list of addresses in the console',
  },
  70001: { verdict: 'expiredSig', text: 'the userSig counts as expired: check the clock of this machine' },
  70003: { verdict: 'refused', text: wrongSig },
  70009: { verdict: 'refused', text: wrongSig },
  70013: { verdict: 'refused', text: wrongSig },
  70014: { verdict: 'refused', text: wrongSig },
  70016: { verdict: 'refused', text: wrongSig },
  70020: { verdict: 'refused', text: wrongSig },
  70050: { verdict: 'throttled', text: `${wrongSig}; and too many such calls` },
  70107: { verdict: 'refused', text: notAdmin },
  70169: { verdict: 'retry', text: passing },
  70402: { verdict: 'refused', text: badRequest },
  70403: { verdict: 'refused', text: notAdmin },
  70500: { verdict: 'retry', text: passing },
};

const unknown: Meaning = {
  verdict: 'refused',
  text: "not a code that this service knows: see Tencent's table of codes",
};

export function meaningOf(errorCode: number): Meaning {
  return meanings[errorCode] ?? unknown;
}
