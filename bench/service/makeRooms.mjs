import { User } from './Connection.mjs';

export const seats = 4;

/**
 * Makes rooms `first` to `end` - 1 and fills them, over all connections at once. `onEntered` gets each member as soon as
 * it is inside.
 */
export async function makeRooms(connections, first, end, onEntered = () => undefined) {
  let next = first;
  const making = connections.map(async (connection) => {
    for (let index = next++; index < end; index = next++) {
      const roomID = `bench_${index}`;
      for (let seat = 0; seat < seats; seat++) {
        const user = await User.login(connection, `${roomID}_${seat}`);
        if (seat === 0) await user.create(connection, roomID);
        await user.enter(connection, roomID);
        onEntered({ user, roomID, index });
      }
    }
  });
  await Promise.all(making);
}
