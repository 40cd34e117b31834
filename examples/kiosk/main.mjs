#!/usr/bin/env node
/** A full-screen two-person call: `node examples/kiosk/main.mjs --help` tells how, docs/kiosk.md shows it. */
import { Kiosk } from './Kiosk.mjs';
import { readOptions, usage } from './options.mjs';
import { Partner } from './Partner.mjs';

/** Who the user is to the service. @param {{ service: string, user: string }} options */
async function loginOf({ service, user }) {
  const serverDomain = new URL('/weapp/double_room', service).href;
  const { KIOSK_SDK_APP_ID: appID, KIOSK_USER_SIG: userSig } = process.env;
  if (appID && userSig) return { serverDomain, sdkAppID: Number(appID), accountType: '0', userID: user, userSig };
  const address = new URL('/weapp/utils/get_login_info', service);
  address.searchParams.set('userID', user);
  const answer = await fetch(address, { signal: AbortSignal.timeout(5000) });
  if (!answer.ok) {
    throw new Error('the service signs for nobody by itself: give KIOSK_SDK_APP_ID and KIOSK_USER_SIG (see --help)');
  }
  const { sdkAppID, accType, userSig: signed } = await answer.json();
  return { serverDomain, sdkAppID, accountType: accType, userID: user, userSig: signed };
}

async function main() {
  const options = readOptions(process.argv.slice(2));
  if (options.help) {
    process.stdout.write(usage);
    return;
  }
  const closing = [];
  const kiosk = new Kiosk(options);
  process.once('SIGINT', () => kiosk.end('interrupted'));
  process.once('SIGTERM', () => kiosk.end('interrupted'));
  // Of who started it with a channel (fork), in place of the keys; without one there are none.
  process.on('message', (message) => {
    if (message === 'end') kiosk.end('it was asked to');
    else kiosk.share(message === 'screen');
  });
  process.once('disconnect', () => kiosk.end('who started it has gone'));
  try {
    let login;
    if (options.demo) {
      const { startTestService } = await import('liteav-rtcroom/testing');
      const service = await startTestService();
      closing.unshift(() => service.close());
      const partner = new Partner();
      closing.unshift(() => partner.close());
      await partner.start(service.loginInfo('agent'), options.room);
      login = service.loginInfo(options.user);
    } else {
      login = await loginOf(options);
    }
    closing.unshift(() => kiosk.close());
    await kiosk.start(login, options.room);
    const timer = options.seconds && setTimeout(() => kiosk.end('the time is over'), options.seconds * 1000);
    console.log(`The call ended: ${await kiosk.ended}.`);
    clearTimeout(timer);
  } finally {
    // One that fails does not keep the rest from being closed.
    for (const close of closing) await close().catch((error) => process.stderr.write(`${error.message}\n`));
    if (process.connected) process.disconnect();
  }
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error.code ? `${error.code}: ` : ''}${error.message}\n`);
  process.exitCode = 1;
}
