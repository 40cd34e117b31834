interface Held {
  userID: string;
  seats: number;
}

/** Who has a stream, on how many seats: of one user, in one room or in several. */
export class HeldStreams {
  readonly #streams = new Map<string, Held>();

  holder(streamID: string): string | undefined {
    return this.#streams.get(streamID)?.userID;
  }

  /** Whether nobody has the stream once one of its seats is given back. */
  isLastSeat(streamID: string): boolean {
    return (this.#streams.get(streamID)?.seats ?? 1) === 1;
  }

  hold(streamID: string, userID: string): void {
    const held = this.#streams.get(streamID);
    if (held) held.seats++;
    else this.#streams.set(streamID, { userID, seats: 1 });
  }

  release(streamID: string): void {
    const held = this.#streams.get(streamID);
    if (held && --held.seats === 0) this.#streams.delete(streamID);
  }

  clear(): void {
    this.#streams.clear();
  }
}
