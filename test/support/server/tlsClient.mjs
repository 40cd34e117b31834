// Two users of a room service over HTTPS, as a program of its own so that NODE_EXTRA_CA_CERTS counts: they meet, one
// writes, and what the other's channel hears comes out as a line of JSON each, with the time since it was sent.
import { RoomApi } from '#lib/api/RoomApi';
import { encodeRoomText } from '#lib/im/codec';
import { SseImChannel } from '#lib/im/SseImChannel';

const [serverDomain = '', secrets = ''] = process.argv.slice(2);
const { sdkAppID, userSigs } = JSON.parse(secrets);

/** @param {string} userID */
async function login(userID) {
  const api = new RoomApi({ serverDomain });
  await api.login({ sdkAppID, accountType: '0', userID, userSig: userSigs[userID] });
  const channel = new SseImChannel({ serverDomain });
  await channel.open(api.session);
  return { api, channel };
}

/** @param {Awaited<ReturnType<typeof login>>} user @param {string} roomID @param {string} userName */
async function enter({ api }, roomID, userName) {
  const pushURL = await api.getPushURL({ roomID });
  await api.addPusher({ roomID, userName, userAvatar: '', pushURL });
}

/** @param {object} line */
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

const alice = await login('alice');
const bob = await login('bob');
let sentAt = 0;
const heard = new Promise((resolve) => {
  alice.channel.on('notify', ({ groupID }) => say({ event: 'notify', groupID }));
  alice.channel.on('groupText', ({ from, text }) => {
    say({ event: 'groupText', from, text, ms: Math.round(performance.now() - sentAt) });
    resolve(undefined);
  });
});
const roomID = await alice.api.createRoom({ roomID: 'room_tls', roomInfo: '' });
await enter(alice, roomID, 'Alice');
await enter(bob, roomID, 'Bob');
sentAt = performance.now();
await bob.channel.sendGroup(roomID, encodeRoomText({ userName: 'Bob', userAvatar: '' }, 'through nginx'));
await heard;
for (const { api, channel } of [alice, bob]) {
  await channel.close();
  await api.close();
}
