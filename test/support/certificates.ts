import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runTool } from './ffmpeg.js';

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

/** An authority of its own, made with the program openssl. */
export async function makeAuthority(): Promise<CertificateAuthority> {
  const directory = await mkdtemp(join(tmpdir(), 'rtcroom-ca-'));
  const at = (name: string) => join(directory, name);
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const rsaKey = ['-newkey', 'rsa:2048', '-nodes'];
  await openssl([
    'req',
    '-x509',
    ...newKey,
    '-keyout',
    at('ca.key'),
    '-out',
    at('ca.pem'),
    '-days',
    '2',
    '-subj',
    '/CN=test authority',
  ]);
  await writeFile(at('ca.index'), '');
  await writeFile(at('ca.serial'), '01\n');
  let count = 0;
  return {
    ca: await readFile(at('ca.pem'), 'utf8'),
    issue: async (names, { expired = false, rsa = false, usage = 'serverAuth' } = {}) => {
      const name = `server${++count}`;
      const config = at(`${name}.cnf`);
      await writeFile(config, authorityConfig(directory, names, usage));
      await openssl([
        'req',
        '-new',
        ...(rsa ? rsaKey : newKey),
        '-keyout',
        at(`${name}.key`),
        '-out',
        at(`${name}.csr`),
        '-subj',
        `/CN=${name}`,
      ]);
      // openssl x509 of OpenSSL 3.0 cannot date back; openssl ca can.
      const dates = ['-startdate', inDays(-2), '-enddate', inDays(expired ? -1 : 2)];
      await openssl([
        'ca',
        '-batch',
        '-notext',
        '-config',
        config,
        '-in',
        at(`${name}.csr`),
        '-out',
        at(`${name}.pem`),
        ...dates,
      ]);
      return { cert: await readFile(at(`${name}.pem`), 'utf8'), key: await readFile(at(`${name}.key`), 'utf8') };
    },
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  };
}

/** YYYYMMDDHHMMSSZ. */
function inDays(days: number): string {
  return `${new Date(Date.now() + days * 86_400_000).toISOString().replace(/\D/g, '').slice(0, 14)}Z`;
}

function authorityConfig(directory: string, names: string[], usage: string): string {
  return `
[ca]
default_ca = own
[own]
database = ${directory}/ca.index
serial = ${directory}/ca.serial
new_certs_dir = ${directory}
certificate = ${directory}/ca.pem
private_key = ${directory}/ca.key
default_md = sha256
policy = any
x509_extensions = server
unique_subject = no
[any]
commonName = supplied
[server]
basicConstraints = CA:FALSE
extendedKeyUsage = ${usage}
subjectAltName = ${names.join(',')}
`;
}

async function openssl(args: string[]): Promise<void> {
  const { code, stderr } = await runTool('openssl', args);
  if (code !== 0) throw new Error(`openssl ${args[0]} failed: ${stderr}`);
}
