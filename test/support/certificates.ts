import { startAuthority } from './authority.mjs';
import { askLinux, onLinux } from './linuxHost.js';

/** PEM. */
export interface ServerCertificate {
  cert: string;
  key: string;
}

export interface CertificateOptions {
  expired?: boolean;
  rsa?: boolean;
  /** What it is for, as OpenSSL writes it; 'serverAuth'. */
  usage?: string;
}

export interface CertificateAuthority {
  /** PEM. */
  readonly ca: string;
  /** For these names, as OpenSSL writes them: 'DNS:localhost', 'IP:127.0.0.1'. Valid for 2 days; an expired one was. */
  issue(names: string[], options?: CertificateOptions): Promise<ServerCertificate>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** An authority of its own; for tests inside Windows Node it is on Linux. `rsa`: its own key. */
export async function makeAuthority(options: { rsa?: boolean } = {}): Promise<CertificateAuthority> {
  const remote = await onLinux<{ ca: string; authority: string }>('authority', options);
  if (!remote) {
    const { ca, issue, close } = await startAuthority(options);
    return { ca, issue, [Symbol.asyncDispose]: close };
  }
  const { ca, authority, close } = remote;
  return {
    ca,
    issue: (names, wanted = {}) => askLinux('POST', 'certificate', JSON.stringify({ authority, names, ...wanted })),
    [Symbol.asyncDispose]: close,
  };
}
