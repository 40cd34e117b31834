import { request } from 'undici';
import { RtcError } from '../../errors.js';
import { cloudApiSignature } from './cloudApiSignature.js';
import type { MixRequest, MixResult, StreamMixer } from './StreamMixer.js';

export interface TencentStreamMixerOptions {
  /** APPID of the live account; not the sdkAppID of IM. */
  appID: number;
  /** API key of the live account. */
  apiKey: string;
  /** Default 'https://fcgi.video.qcloud.com/common_access'. */
  endpoint?: string;
  /** ms since 1970. Default: Date.now. For tests. */
  now?: () => number;
}

/** How long a signed call is good for, as the original, s. */
const validitySeconds = 60;
/** An answer is a few hundred bytes. */
const maxAnswerBytes = 65_536;

/** Lets Tencent's cloud mix (Mix_StreamV2): for services whose streams are on Tencent's CDN. */
export class TencentStreamMixer implements StreamMixer {
  readonly #options: TencentStreamMixerOptions;
  readonly #endpoint: URL;

  constructor(options: TencentStreamMixerOptions) {
    const { appID, apiKey, endpoint = 'https://fcgi.video.qcloud.com/common_access' } = options;
    const refuse = (what: string) => new RtcError('ERR_RTC_INVALID_ARGUMENT', `TencentStreamMixer: ${what}`);
    if (!Number.isSafeInteger(appID) || appID <= 0) throw refuse('appID must be a positive integer');
    if (typeof apiKey !== 'string' || apiKey === '') throw refuse('apiKey must be the API key of the live account');
    if (!URL.canParse(endpoint)) throw refuse('endpoint must be a URL');
    this.#options = options;
    this.#endpoint = new URL(endpoint);
  }

  /** Rejects when the cloud cannot be reached, or its answer is none of this API. */
  async mix({ mergeParams }: MixRequest, signal: AbortSignal): Promise<MixResult> {
    const { appID, apiKey, now = Date.now } = this.#options;
    const t = Math.floor(now() / 1000) + validitySeconds;
    const url = new URL(this.#endpoint);
    url.searchParams.set('appid', String(appID));
    url.searchParams.set('interface', 'mix_streamv2.start_mix_stream_advanced');
    url.searchParams.set('t', String(t));
    url.searchParams.set('sign', cloudApiSignature(apiKey, t));
    const { statusCode, body } = await request(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(mergeParams),
      signal,
    });
    let text = '';
    body.setEncoding('utf8');
    for await (const piece of body) {
      text += piece;
      if (text.length > maxAnswerBytes) break;
    }
    const answer = parse(text);
    if (statusCode !== 200 || !answer) throw new Error(`the cloud answered HTTP ${statusCode}, and no result of a mix`);
    return answer;
  }
}

function parse(text: string): MixResult | undefined {
  try {
    const { code, message = '' } = JSON.parse(text) as { code?: unknown; message?: unknown };
    return Number.isSafeInteger(code) ? { code: code as number, message: String(message) } : undefined;
  } catch {
    return undefined;
  }
}
