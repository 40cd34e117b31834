import { BlockList, isIP } from 'node:net';
import { configOptions, environmentName, flagName, type OptionName, type ServeConfig } from './configOptions.js';

export type Command = 'serve' | 'media';

type Where = (name: OptionName) => string;

const signingKeys = ['mediaPushKey', 'mediaPlayKey'] as const;

/** What each option alone may be and all together may not, a line each; `where` says where an option was given. */
export function contradictions(config: ServeConfig, command: Command, where: Where): string[] {
  const problems = command === 'media' ? ofMedia(config) : ofService(config, where);
  const { secretKey, adminKey, mediaPushKey, mediaPlayKey, mediaControlKey, allowOrigin, trustedProxies } = config;
  const keys = { secretKey, adminKey, mediaPushKey, mediaPlayKey, mediaControlKey };
  const names = Object.keys(keys) as (keyof typeof keys)[];
  for (const [index, name] of names.entries()) {
    const same = names.slice(0, index).find((other) => keys[other] !== undefined && keys[other] === keys[name]);
    if (same) problems.push(`${where(name)}: is the same as ${same}; whoever knows one key must not have the other`);
  }
  if (allowOrigin.includes('*') && allowOrigin.length > 1) {
    problems.push(`${where('allowOrigin')}: has "*" beside other origins; give "*" alone or take it out`);
  }
  for (const [index, proxy] of trustedProxies.entries()) {
    if (isNetwork(proxy)) continue;
    problems.push(
      `${where('trustedProxies')}/${index}: is ${JSON.stringify(proxy)}, but must be one of ${configOptions.trustedProxies.form}`,
    );
  }
  return problems;
}

/** Each of them that is not given, and who needs it. */
function missing(config: ServeConfig, names: readonly OptionName[], why: string): string[] {
  return names
    .filter((name) => config[name] === undefined)
    .map((name) => `${name}: is missing; ${why}; set ${environmentName(name)} or write ${name} into the file`);
}

/** `rtcroom media` is of use to nobody who has not its keys. */
function ofMedia(config: ServeConfig): string[] {
  const why = 'give the services that use the media server the same';
  return missing(config, ['mediaControlKey', ...signingKeys], why);
}

function ofService(config: ServeConfig, where: Where): string[] {
  const { mediaServer, mediaControlUrl } = config;
  const problems: string[] = [];
  if (config.secretKey === undefined && !config.development) {
    problems.push(
      `secretKey: is missing; set ${environmentName('secretKey')}, write secretKey into the file, or try it with ${flagName('development')}`,
    );
  }
  if (mediaServer !== 'shared' && mediaControlUrl !== undefined) {
    problems.push(
      `${where('mediaControlUrl')}: is of a shared media server; set mediaServer to shared, or take it out`,
    );
  }
  if (mediaServer === 'embedded') {
    problems.push(...unreachableHost(config, where));
    if (config.mediaControlKey !== undefined) {
      const why = 'a service that uses this media server signs addresses by the same';
      problems.push(...missing(config, signingKeys, why));
    } else if (signingKeys.some((name) => config[name] !== undefined)) {
      problems.push(...missing(config, signingKeys, 'give both keys of the media server or none'));
    }
    return problems;
  }
  const control = mediaServer === 'shared' ? (['mediaControlUrl', 'mediaControlKey'] as const) : [];
  const needed = [...control, 'publicRtmpUrl', ...signingKeys] as const;
  return [...problems, ...missing(config, needed, `mediaServer ${mediaServer} needs it`)];
}

/** An address that means every one is none to give to clients. */
function unreachableHost(config: ServeConfig, where: Where): string[] {
  const { publicHost } = config;
  const hostName = config.mediaHost === undefined ? 'host' : 'mediaHost';
  const host = config[hostName] ?? '';
  const isGiven =
    publicHost !== undefined || (config.publicRtmpUrl !== undefined && config.publicHttpFlvUrl !== undefined);
  if ((host !== '0.0.0.0' && host !== '::') || isGiven) return [];
  return [
    `${where(hostName)}: ${host} is not an address to give away; give the name that clients reach this machine by as publicHost (${flagName('publicHost')})`,
  ];
}

function isNetwork(text: string): boolean {
  if (/^[a-z]+$/.test(text) && !isIP(text)) return true;
  const [address = '', prefix] = text.split('/');
  const family = isIP(address);
  if (family === 0) return false;
  if (prefix === undefined) return true;
  try {
    new BlockList().addSubnet(address, Number(prefix), family === 6 ? 'ipv6' : 'ipv4');
    return true;
  } catch {
    return false;
  }
}
