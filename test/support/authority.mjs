import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const deadlineMs = 30_000;

/**
 * @typedef {{ cert: string, key: string }} ServerCertificate PEM
 *
 * @typedef {object} CertificateOptions
 * @property {boolean} [expired]
 * @property {boolean} [rsa]
 * @property {string} [usage] what it is for, as OpenSSL writes it; 'serverAuth'
 */

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
const rsaKey = ['-newkey', 'rsa:2048', '-nodes'];

/**
 * An authority of its own, made with the program openssl.
 * @param {{ rsa?: boolean }} [options] `rsa`: its own key
 */
export async function startAuthority({ rsa: rsaAuthority = false } = {}) {
  const directory = await mkdtemp(join(tmpdir(), 'rtcroom-ca-'));
  /** @param {string} name */
  const at = (name) => join(directory, name);
  const itsKey = [...(rsaAuthority ? rsaKey : newKey), '-keyout', at('ca.key')];
  await openssl(['req', '-x509', ...itsKey, '-out', at('ca.pem'), '-days', '2', '-subj', '/CN=test authority']);
  await writeFile(at('ca.index'), '');
  await writeFile(at('ca.serial'), '01\n');
  let count = 0;
  return {
    ca: await readFile(at('ca.pem'), 'utf8'),
    /** @param {string[]} names @param {CertificateOptions} [options] @returns {Promise<ServerCertificate>} */
    issue: async (names, { expired = false, rsa = false, usage = 'serverAuth' } = {}) => {
      const name = `server${++count}`;
      const config = at(`${name}.cnf`);
      await writeFile(config, authorityConfig(directory, names, usage));
      const key = [...(rsa ? rsaKey : newKey), '-keyout', at(`${name}.key`)];
      await openssl(['req', '-new', ...key, '-out', at(`${name}.csr`), '-subj', `/CN=${name}`]);
      // openssl x509 of OpenSSL 3.0 cannot date back; openssl ca can.
      const dates = ['-startdate', inDays(-2), '-enddate', inDays(expired ? -1 : 2)];
      const files = ['-in', at(`${name}.csr`), '-out', at(`${name}.pem`)];
      await openssl(['ca', '-batch', '-notext', '-config', config, ...files, ...dates]);
      return { cert: await readFile(at(`${name}.pem`), 'utf8'), key: await readFile(at(`${name}.key`), 'utf8') };
    },
    close: () => rm(directory, { recursive: true, force: true }),
  };
}

/** YYYYMMDDHHMMSSZ. @param {number} days */
function inDays(days) {
  return `${new Date(Date.now() + days * 86_400_000).toISOString().replace(/\D/g, '').slice(0, 14)}Z`;
}

/** @param {string} directory @param {string[]} names @param {string} usage */
function authorityConfig(directory, names, usage) {
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

/** @param {string[]} args */
async function openssl(args) {
  await promisify(execFile)('openssl', args, { timeout: deadlineMs });
}
