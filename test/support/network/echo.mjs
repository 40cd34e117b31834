// Runs on the far side of a link. Arguments: address. Sends datagrams back, and counts what arrives over TCP.
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

const [address] = process.argv.slice(2);
const datagrams = createSocket('udp4');
datagrams.on('message', (message, { port, address: from }) => datagrams.send(message, port, from));
datagrams.bind(7000, address);
const server = createServer((socket) => {
  socket.on('error', () => undefined);
  socket.resume();
});
server.listen(7001, address, () => process.stdout.write('ready\n'));
