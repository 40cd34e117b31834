/**
 * Message groups of the rooms at another service, for clients that listen there and not to this service's own channel.
 * What is told of one group keeps its order.
 */
export interface RoomGroups {
  /** Makes the room's group; resolves when clients can join it. Rejects with a ServiceError of code 6. */
  create(roomID: string): Promise<void>;
  /** Tells the group that the member list changed. Several that wait are one. */
  notify(roomID: string): void;
  /** Ends the group, which tells its clients that the room is over. */
  destroy(roomID: string): void;
}
