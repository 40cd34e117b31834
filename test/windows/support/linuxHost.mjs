// What the tests inside Windows Node talk to on Linux, over 127.0.0.1: room services with their media servers, nginx-rtmp,
// and the picture of the screen. One HTTP server, JSON in and out:
//   POST /service {options}  → { id, url, sdkAppID, secretKey, rtmpUrl, httpUrl, pushKey, playKey }
//   POST /nginx              → { id, rtmpUrl }
//   POST /authority {rsa}    → { id, authority, ca }
//   POST /certificate {authority, names, ...options} → { cert, key }
//   DELETE /<id>             ends what was started
//   POST /key {key}        presses it on the screen
//   GET /screen?name=x       → the screen as RGB, 3 bytes a pixel; its size in x-width and x-height; kept as x.png
import { execFile } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startTestService } from '#lib/testing/index';
import { startAuthority } from '../../support/authority.mjs';
import { startNginx } from '../../support/nginx.mjs';

/**
 * @param {object} options
 * @param {{ display: string, width: number, height: number }} options.screen
 * @param {string} options.shots folder of the screenshots
 * @returns {Promise<{ url: string, close(): Promise<void> }>}
 */
export async function startLinuxHost({ screen, shots }) {
  /** @type {Map<string, { close(): Promise<void> }>} */
  const started = new Map();

  /** @param {{ close(): Promise<void> }} what */
  const keep = (what) => {
    const id = randomUUID();
    started.set(id, what);
    return id;
  };

  /** @param {object} options */
  const service = async (options) => {
    const secretKey = randomBytes(32).toString('hex');
    const one = await startTestService({ ...options, secretKey });
    const { rtmpUrl, httpUrl, pushKey, playKey } = one.media;
    const { sdkAppID, address } = one.service;
    return { id: keep(one), url: address.url, sdkAppID, secretKey, rtmpUrl, httpUrl, pushKey, playKey };
  };

  const nginx = async () => {
    const one = await startNginx();
    return { id: keep(one), rtmpUrl: one.rtmpUrl };
  };

  /** @type {Map<string, Awaited<ReturnType<typeof startAuthority>>>} */
  const authorities = new Map();

  /** @param {{ rsa?: boolean }} options */
  const authority = async (options) => {
    const one = await startAuthority(options);
    const id = keep(one);
    authorities.set(id, one);
    return { id, authority: id, ca: one.ca };
  };

  /** @param {{ authority: string, names: string[] } & import('../../support/authority.mjs').CertificateOptions} wanted */
  const certificate = async ({ authority: id, names, ...options }) => {
    const one = authorities.get(id);
    if (!one) throw new Error(`there is no authority ${id}`);
    return one.issue(names, options);
  };

  /** @param {import('node:http').IncomingMessage} request @param {import('node:http').ServerResponse} response */
  const answer = async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://host');
    const route = `${request.method} ${pathname}`;
    if (route === 'GET /screen') {
      const pixels = await takeScreenshot(screen, shots, searchParams.get('name') ?? 'screen');
      response.writeHead(200, { 'x-width': screen.width, 'x-height': screen.height }).end(pixels);
      return;
    }
    let result;
    if (route === 'POST /service') result = await service(JSON.parse((await bodyOf(request)) || '{}'));
    else if (route === 'POST /nginx') result = await nginx();
    else if (route === 'POST /authority') result = await authority(JSON.parse((await bodyOf(request)) || '{}'));
    else if (route === 'POST /certificate') result = await certificate(JSON.parse(await bodyOf(request)));
    else if (route === 'POST /key') result = await pressKey(screen, JSON.parse(await bodyOf(request)));
    else if (request.method === 'DELETE') {
      const id = pathname.slice(1);
      const one = started.get(id);
      started.delete(id);
      authorities.delete(id);
      await one?.close();
      result = { closed: one !== undefined };
    } else {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(result));
  };

  const server = createServer((request, response) => {
    answer(request, response).catch((error) => {
      if (!response.headersSent) response.writeHead(500);
      response.end(String(error?.stack ?? error));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await Promise.allSettled([...started.values()].map((one) => one.close()));
    },
  };
}

/** @param {import('node:http').IncomingMessage} request */
async function bodyOf(request) {
  let text = '';
  for await (const part of request.setEncoding('utf8')) text += part;
  return text;
}

/** @param {{ display: string }} screen @param {{ key: string }} options */
async function pressKey({ display }, { key }) {
  await promisify(execFile)('xdotool', ['key', key], { env: { ...process.env, DISPLAY: display }, timeout: 20_000 });
  return { pressed: key };
}

/** @param {{ display: string, width: number, height: number }} screen @param {string} shots @param {string} name */
async function takeScreenshot({ display, width, height }, shots, name) {
  await mkdir(shots, { recursive: true });
  const png = join(shots, `${name.replaceAll(/[^\w.-]/g, '_')}.png`);
  const raw = `${png}.rgb`;
  const grab = [
    '-v',
    'error',
    '-y',
    '-f',
    'x11grab',
    '-draw_mouse',
    '0',
    '-video_size',
    `${width}x${height}`,
    '-i',
    display,
  ];
  const frame = ['-frames:v', '1'];
  const outputs = [...frame, '-f', 'image2', png, ...frame, '-f', 'rawvideo', '-pix_fmt', 'rgb24', raw];
  await promisify(execFile)('ffmpeg', [...grab, ...outputs], { timeout: 20_000 });
  try {
    return await readFile(raw);
  } finally {
    await rm(raw, { force: true });
  }
}
