import { RtcError } from '../errors.js';

/**
 * `preparing`: getting the push address, connecting the push. `joining`: the push runs, the room is created or entered.
 * `leaving`: a room is left, or a try to get into one is undone.
 */
export type RoomState = 'loggedOut' | 'idle' | 'preparing' | 'joining' | 'inRoom' | 'leaving' | 'closed';

/** Which state may follow which. */
export const roomTransitions: Readonly<Record<RoomState, readonly RoomState[]>> = {
  loggedOut: ['idle', 'closed'],
  idle: ['preparing', 'loggedOut', 'closed'],
  preparing: ['joining', 'leaving'],
  joining: ['inRoom', 'leaving'],
  inRoom: ['leaving'],
  leaving: ['idle', 'loggedOut', 'closed'],
  closed: [],
};

/** Holds a state and refuses what the table does not list. */
export class RoomStateMachine {
  readonly #onChange: (now: RoomState, before: RoomState) => void;
  #state: RoomState = 'loggedOut';

  constructor(onChange: (now: RoomState, before: RoomState) => void) {
    this.#onChange = onChange;
  }

  get state(): RoomState {
    return this.#state;
  }

  /** The state that is already there is no change. */
  to(now: RoomState): void {
    const before = this.#state;
    if (now === before) return;
    if (!roomTransitions[before].includes(now)) {
      throw new RtcError('ERR_RTC_INTERNAL', `no transition from ${before} to ${now}; please report this`);
    }
    this.#state = now;
    this.#onChange(now, before);
  }

  /** @throws RtcError ERR_RTC_INVALID_STATE, ERR_RTC_CLOSED */
  need(wanted: readonly RoomState[], what: string, remedy: string): void {
    if (this.#state === 'closed')
      throw new RtcError('ERR_RTC_CLOSED', `${what}: this RTCRoom is closed; make a new one`);
    if (wanted.includes(this.#state)) return;
    throw new RtcError('ERR_RTC_INVALID_STATE', `${what} is not possible in state ${this.#state}: ${remedy}`);
  }
}
