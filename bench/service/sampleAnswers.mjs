import { Connection, User } from './Connection.mjs';
import { Server } from './Server.mjs';

const seats = 4;

/** Headers that every HTTP server of Node.js makes by itself. */
const ownHeaders = new Set(['connection', 'content-length', 'content-type', 'date', 'keep-alive']);

/**
 * What the service answers to each method, of a usual size, with the headers that it adds: what the bare server sends, so
 * that both write the same bytes.
 */
export async function sampleAnswers() {
  const server = await Server.start({});
  const connection = new Connection(server.url);
  const answers = {};
  const post = connection.post.bind(connection);
  connection.post = async (path, body) => {
    const text = await post(path, body);
    const headers = Object.entries(connection.headers).filter(([name]) => !ownHeaders.has(name));
    answers[path.split('?')[0]] = { body: JSON.parse(text), headers: Object.fromEntries(headers) };
    return text;
  };
  try {
    for (let room = 0; room < 20; room++) {
      const roomID = `bench_${room}`;
      for (let seat = 0; seat < seats; seat++) {
        const user = await User.login(connection, `${roomID}_${seat}`);
        if (seat === 0) await user.create(connection, roomID);
        await user.enter(connection, roomID);
        await user.beat(connection, roomID);
        if (seat < seats - 1) await user.members(connection, roomID);
        else await user.list(connection);
        if (room === 0 && seat === seats - 1) await user.leave(connection, roomID);
      }
    }
  } finally {
    await connection.close();
    await server.close();
  }
  return answers;
}
