// Two people in one program: a room service and a media server on free ports, A creates a room, B enters and sees A.
import { RTCRoom } from 'liteav-rtcroom';
import { startTestService } from 'liteav-rtcroom/testing';

const service = await startTestService();
const synthetic = { video: { source: 'synthetic' }, audio: { source: 'synthetic' } };
const [a, b] = [new RTCRoom(), new RTCRoom()];

await a.login(service.loginInfo('alice'));
await a.startLocalPreview(synthetic);
const roomID = await a.createRoom({ roomInfo: 'hello' });
a.on('textMsg', ({ userName, text }) => console.log(`${userName}: ${text}`));

await b.login(service.loginInfo('bob'));
await b.startLocalPreview(synthetic);
await b.enterRoom({ roomID });
const player = await b.addRemoteView('alice');
await player.captureVideoSnapShot('alice.png');
await b.sendRoomTextMsg('I see you');

await b.close();
await a.close();
await service.close();
