import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { environmentName, flagName, type OptionName, optionNames, optionOf } from '#lib/server/config/configOptions';
import { redacted, resolveConfig } from '#lib/server/config/resolveConfig';

const folder = mkdtempSync(join(tmpdir(), 'rtcroom-config-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const secretKey = 'a-secret-key-of-tests';
const shared = {
  mediaServer: 'shared',
  publicRtmpUrl: 'rtmp://media.example.com/live',
  mediaControlUrl: 'http://media.internal:5758',
  mediaControlKey: 'c'.repeat(16),
  mediaPushKey: 'p'.repeat(16),
  mediaPlayKey: 'q'.repeat(16),
};
let files = 0;

function fileOf(content: unknown): string {
  const path = join(folder, `${++files}.json`);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content, null, 2));
  return path;
}

/** What is wrong, a line a fault, without the file's folder. */
async function problems(content: unknown, environment: Record<string, string> = {}): Promise<string[]> {
  const file = fileOf(content);
  const error = await resolveConfig({ file, environment }).then(
    () => undefined,
    (reason: { code: string; message: string }) => reason,
  );
  expect(error?.code).toBe('ERR_RTC_INVALID_ARGUMENT');
  return (error?.message ?? '')
    .replaceAll(file, 'file')
    .split('\n')
    .slice(1)
    .map((line) => line.trim());
}

describe('a configuration that cannot be used tells place, fault and remedy:', () => {
  const wrong: [name: string, content: unknown, line: RegExp][] = [
    ['not JSON', '{\n  "port": 5757,\n  "host": \n}', /^file:4:1: is not JSON \(ValueExpected\); correct it there/],
    ['a comma too many', '{ "port": 5757, }', /^file:1:17: is not JSON/],
    ['an empty file', '', /^file:1:1: is not JSON/],
    ['a list', '[]', /^file: must hold one JSON object/],
    [
      'a misspelt name',
      { secretKey, maxMember: 5 },
      /^file:3:3 \/maxMember: is no option; the nearest one is maxMembers;/,
    ],
    ['a name in other letters', { secretKey, sdkAppId: 5 }, /the nearest one is sdkAppID;/],
    ['a name of a path', { secretKey, 'a/b~': 5 }, /^file:3:3 \/a~1b~0: is no option/],
    ['an endless name', { secretKey, ['x'.repeat(5000)]: 5 }, /is no option; docs\/room-service.md/],
    [
      'a name twice',
      `{"secretKey": "${secretKey}", "port": 1, "port": 2}`,
      /^file:1:51 \/port: is there a second time/,
    ],
    [
      'a number as text',
      { secretKey, port: '5757' },
      /^file:3:3 \/port: is "5757", but must be an integer from 0 to 65535$/,
    ],
    [
      'a fraction',
      { secretKey, maxMembers: 2.5 },
      /\/maxMembers: is 2.5, but must be an integer from 2 to 1000 \(seats\)$/,
    ],
    [
      'too small',
      { secretKey, heartbeatTimeoutMs: 7000 },
      /is 7000, but must be an integer from 8000 to 2147483647 \(ms\)$/,
    ],
    ['null', { secretKey, database: null }, /\/database: is null, but must be a text that is not empty$/],
    ['a switch as text', { secretKey, development: 'yes' }, /\/development: is "yes", but must be true or false$/],
    ['a word of another list', { secretKey, logLevel: 'verbose' }, /must be one of debug, info, warn, error, silent$/],
    [
      'a text for a list',
      { secretKey, trustedProxies: 'loopback' },
      /\/trustedProxies: is "loopback", but must be a list of addr/,
    ],
    [
      'a wrong part of a list',
      { secretKey, allowOrigin: ['https://a.example', 5] },
      /\/allowOrigin\/1: is 5, but must be one of/,
    ],
    [
      'an origin with a path',
      { secretKey, allowOrigin: ['https://a.example/'] },
      /\/allowOrigin\/0: is "https:\/\/a.example\/"/,
    ],
    ['"*" beside an origin', { secretKey, allowOrigin: ['*', 'https://a.example'] }, /\/allowOrigin: has "\*" beside/],
    [
      'a network that is none',
      { secretKey, trustedProxies: ['10.0.0.0/33'] },
      /\/trustedProxies\/0: is "10.0.0.0\/33", but must/,
    ],
    ['an address that is none', { secretKey, trustedProxies: ['1.2.3'] }, /\/trustedProxies\/0: is "1.2.3"/],
    [
      'a stream address with a query',
      { secretKey, publicRtmpUrl: 'rtmp://a/live?x=1' },
      /must be an address like rtmps:/,
    ],
    ['a host with a space', { secretKey, host: 'a b' }, /\/host: is "a b", but must be an address or host name$/],
    [
      'a way to Tencent in clear',
      { secretKey, tencentIm: true, tencentImUrl: 'http://console.tim.qq.com' },
      /\/tencentImUrl: is "http:\/\/console.tim.qq.com", but must be an address without a path, https:/,
    ],
    ['a way of notices that is none', { secretKey, tencentImNotices: 'mail' }, /must be one of auto, system, message$/],
    ['no secret key', {}, /^secretKey: is missing; set RTCROOM_SECRET_KEY, write secretKey into the file/],
    [
      'an address that nobody can call',
      { secretKey, host: '0.0.0.0' },
      /\/host: 0.0.0.0 is not an address to give away/,
    ],
    ['one key for two doors', { secretKey, adminKey: secretKey }, /\/adminKey: is the same as secretKey;/],
    [
      'one key of the media server',
      { secretKey, mediaPushKey: `${secretKey}1` },
      /^mediaPlayKey: is missing; give both/,
    ],
    [
      'a media server of a kind that is none',
      { secretKey, mediaServer: 'none' },
      /must be one of embedded, shared, ext/,
    ],
    [
      'the control of a media server of its own',
      { secretKey, mediaControlUrl: 'http://media.internal:5758' },
      /\/mediaControlUrl: is of a shared media server; set mediaServer to shared, or take it out$/,
    ],
    [
      'an address of control with a query',
      { secretKey, ...shared, mediaControlUrl: 'http://media.internal/?a' },
      /\/mediaControlUrl: is "http:\/\/media.internal\/\?a", but must be an address like http:/,
    ],
    [
      'a shared media server without its address',
      { secretKey, ...shared, publicRtmpUrl: undefined },
      /^publicRtmpUrl: is missing; mediaServer shared needs it; set RTCROOM_PUBLIC_RTMP_URL or write publicRtmpUrl into/,
    ],
    [
      'a shared media server without its control',
      { secretKey, ...shared, mediaControlUrl: undefined },
      /^mediaControlUrl: is missing; mediaServer shared needs it;/,
    ],
    [
      'an external media server without its keys',
      { secretKey, mediaServer: 'external', publicRtmpUrl: 'rtmp://a/live', mediaPushKey: 'p'.repeat(16) },
      /^mediaPlayKey: is missing; mediaServer external needs it;/,
    ],
    [
      'a key of control that is one of addresses',
      { secretKey, ...shared, mediaControlKey: shared.mediaPushKey },
      /\/mediaControlKey: is the same as mediaPushKey;/,
    ],
    [
      'a media server for others whose keys change with each start',
      { secretKey, mediaControlKey: 'c'.repeat(16), mediaPushKey: 'p'.repeat(16) },
      /^mediaPlayKey: is missing; a service that uses this media server signs addresses by the same;/,
    ],
  ];
  it.each(wrong)('%s', async (_name, content, line) => {
    const lines = await problems(content);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(line);
  });

  it('all faults at once, of the file and of the environment', async () => {
    const environment = { RTCROOM_PORT: 'many', RTCROOM_MAX_MEMBERS: '5000' };
    expect(await problems({ secretKey, prt: 1, logLevel: 5 }, environment)).toEqual([
      expect.stringMatching(/^file:3:3 \/prt: is no option; the nearest one is port;/),
      'RTCROOM_PORT: is "many", but must be an integer from 0 to 65535',
      'RTCROOM_MAX_MEMBERS: is 5000, but must be an integer from 2 to 1000 (seats)',
      expect.stringMatching(/^file:4:3 \/logLevel: is 5, but must be one of/),
    ]);
  });

  it('a file that is not there', async () => {
    await expect(resolveConfig({ file: join(folder, 'nothing.json') })).rejects.toThrow(/cannot be read \(ENOENT\)/);
    await expect(resolveConfig({ file: folder })).rejects.toThrow(/cannot be read \(EISDIR\)/);
  });

  it.each([
    ['too short', '"5ec2e7"'],
    ['of another type', '["5ec2e7-5ec2e7-5ec2e7"]'],
    ['in a line that is not JSON', '"5ec2e7" "5ec2e7"'],
    ['of a misspelt name', '"a-secret-key-of-tests", "adminKye": "5ec2e7"'],
  ])('no secret is repeated: %s', async (_name, value) => {
    expect((await problems(`{ "secretKey": ${value} }`)).join()).not.toContain('5ec2e7');
  });
});

describe('a configuration', () => {
  it('is the defaults where nothing is given, and an option without default is absent', async () => {
    const { config, warnings } = await resolveConfig({ environment: { RTCROOM_SECRET_KEY: secretKey } });
    const defaults = optionNames.filter((name) => optionOf(name).default !== undefined);
    expect(config).toEqual({
      ...Object.fromEntries(defaults.map((name) => [name, optionOf(name).default])),
      secretKey,
    });
    expect(warnings).toEqual([]);
  });

  it('takes flags over the environment over the file', async () => {
    const file = fileOf({ secretKey, port: 1, rtmpPort: 1, httpFlvPort: 1 });
    const environment = { RTCROOM_RTMP_PORT: '2', RTCROOM_HTTP_FLV_PORT: '2', RTCROOM_DATABASE: '' };
    const { config } = await resolveConfig({ file, environment, flags: { httpFlvPort: '3' } });
    expect(config).toMatchObject({ port: 1, rtmpPort: 2, httpFlvPort: 3, database: ':memory:' });
  });

  it('may have comments, and a mark of byte order', async () => {
    const file = fileOf(`\uFEFF{ // the key\n "secretKey": "${secretKey}" /* end */ }`);
    expect((await resolveConfig({ file })).config.secretKey).toBe(secretKey);
  });

  it('of the environment has lists and switches', async () => {
    const environment = {
      RTCROOM_DEVELOPMENT: 'true',
      RTCROOM_TRUSTED_PROXIES: 'loopback, 10.0.0.0/8,fd00::/8',
      RTCROOM_ALLOW_ORIGIN: 'https://a.example',
    };
    expect((await resolveConfig({ environment })).config).toMatchObject({
      development: true,
      trustedProxies: ['loopback', '10.0.0.0/8', 'fd00::/8'],
      allowOrigin: ['https://a.example'],
    });
  });

  it('may have a media server elsewhere, and then every address to listen on', async () => {
    const { config } = await resolveConfig({ file: fileOf({ secretKey, ...shared, host: '0.0.0.0' }) });
    expect(config).toMatchObject(shared);
    const { mediaControlUrl: _, mediaControlKey: __, ...external } = { ...shared, mediaServer: 'external' };
    await resolveConfig({ file: fileOf({ secretKey, ...external, host: '::' }) });
  });

  it('of a media server alone may be that of its services, and needs no key of userSigs', async () => {
    const { config } = await resolveConfig({ file: fileOf({ ...shared, host: '0.0.0.0' }), command: 'media' });
    expect(config).toMatchObject({ host: '0.0.0.0', mediaControlPort: 5758 });
    await expect(resolveConfig({ environment: {}, command: 'media' })).rejects.toThrow(
      /mediaControlKey: is missing; give the services[\s\S]*mediaPushKey: is missing[\s\S]*mediaPlayKey: is missing/,
    );
  });

  it('warns of a variable that is one slip away from one that is read, and of no other', async () => {
    const environment = {
      RTCROOM_SECRET_KEY: secretKey,
      RTCROOM_MAX_MEMBER: '7',
      RTCROOM_BUILD_JOBS: '2',
      MAX_MEMBERS: '3',
    };
    const { warnings } = await resolveConfig({ environment });
    expect(warnings).toEqual([expect.stringMatching(/RTCROOM_MAX_MEMBER is not read.*RTCROOM_MAX_MEMBERS/)]);
  });

  it('is shown without its secrets, whole', async () => {
    const secrets = optionNames.filter((name) => optionOf(name).secret);
    expect(secrets).toEqual(['redis', 'secretKey', 'mediaPushKey', 'mediaPlayKey', 'mediaControlKey', 'adminKey']);
    const values = Object.fromEntries(
      secrets.map((name, index) => [name, `${name === 'redis' ? 'redis://:' : ''}5ec2e7-5ec2e7-5ec2e7-${index}`]),
    );
    // Of a service, or of a media server: that one has them all as well.
    const { config } = await resolveConfig({ file: fileOf(values), command: 'media' });
    expect((await resolveConfig({ file: fileOf(values) })).config).toEqual(config);
    const shown = redacted(config);
    expect(JSON.stringify(shown)).not.toContain('5ec2e7');
    expect(Object.keys(shown)).toEqual(optionNames);
    expect(shown).toMatchObject({ adminKey: '[redacted]', publicHost: null, port: 5757 });
  });

  it('has every default within its own bounds, and each name of its own', async () => {
    const file = fileOf({
      secretKey,
      ...Object.fromEntries(
        optionNames.flatMap((name) => (optionOf(name).default === undefined ? [] : [[name, optionOf(name).default]])),
      ),
    });
    await resolveConfig({ file });
    expect(new Set(optionNames.map(environmentName)).size).toBe(optionNames.length);
    expect(new Set(optionNames.map(flagName)).size).toBe(optionNames.length);
    expect([environmentName('sdkAppID'), flagName('publicHttpFlvUrl' satisfies OptionName)]).toEqual([
      'RTCROOM_SDK_APP_ID',
      '--public-http-flv-url',
    ]);
  });
});

describe('the examples of examples/deploy', () => {
  const example = (name: string) => fileURLToPath(new URL(`../../examples/deploy/${name}`, import.meta.url));
  const text = (name: string) => readFileSync(example(name), 'utf8');

  it('have a configuration that can be used as it is', async () => {
    const { config, warnings } = await resolveConfig({ file: example('rtcroom.json') });
    expect(config).toMatchObject({ host: '127.0.0.1', mediaHost: '0.0.0.0', publicHost: 'rooms.example.com' });
    expect(warnings).toEqual([]);
  });

  it('name no option, variable or port that is not there', async () => {
    const unit = text('rtcroom.service');
    const [, flags = ''] = /^ExecStart=\S+ \S+\/dist\/cli\/main\.js serve (.*)$/m.exec(unit) ?? [];
    expect(flags).toBe('--config %d/rtcroom.json');
    expect(unit).toContain('LoadCredential=rtcroom.json:');
    const container = text('Containerfile');
    const variables = [...container.matchAll(/\bRTCROOM_[A-Z_]+/g)].map(([name]) => name);
    expect(variables.length).toBeGreaterThan(4);
    expect(variables.filter((name) => !optionNames.map(environmentName).includes(name))).toEqual([]);
    const { config } = await resolveConfig({ environment: { RTCROOM_SECRET_KEY: secretKey } });
    expect(container).toContain(`EXPOSE ${config.port} ${config.rtmpPort} ${config.httpFlvPort}\n`);
    const grace = Number(/^TimeoutStopSec=(\d+)$/m.exec(unit)?.[1]) * 1000;
    expect(grace).toBeGreaterThan(config.shutdownDelayMs + config.shutdownGraceMs + 5000);
    expect(text('nginx-site.conf')).toContain(`client_max_body_size ${config.bodyLimit / 1024}k;`);
  });
});
