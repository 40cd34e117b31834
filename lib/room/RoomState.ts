import { RtcError } from '../errors.js';

/**
 * `preparing`: getting the push address, connecting the push. `joining`: the push runs, the room is created or entered.
 * `leaving`: a room is left, or a try to get into one is undone.
 */
export type RoomState = 'loggedOut' | 'idle' | 'preparing' | 'joining' | 'inRoom' | 'leaving' | 'closed';

/**
 * Why the state changed. A call: `login`, `createRoom`, `enterRoom`, `exitRoom`, `logout`, `close`. Progress: `pushBegin`,
 * `membersRead` (the first member list is known), `left` (everything is given back). An end that nobody called for:
 * `aborted` (the signal of createRoom or enterRoom), `failed` (they reject), `roomClosed`, `kicked` (logged in elsewhere),
 * `authLost` (the userSig is refused), `seatLost` (the seat cannot be had back), `pushLost` (nor can the push).
 */
export type RoomStateCause =
  | 'login'
  | 'createRoom'
  | 'enterRoom'
  | 'pushBegin'
  | 'membersRead'
  | 'exitRoom'
  | 'logout'
  | 'close'
  | 'aborted'
  | 'failed'
  | 'roomClosed'
  | 'kicked'
  | 'authLost'
  | 'seatLost'
  | 'pushLost'
  | 'left';

export interface RoomStateChange {
  readonly from: RoomState;
  readonly to: RoomState;
  readonly cause: RoomStateCause;
}

export interface RoomTransition {
  readonly from: RoomState;
  readonly to: RoomState;
  readonly causes: readonly RoomStateCause[];
}

const called = ['exitRoom', 'logout', 'close'] as const;
const givenUp = ['aborted', 'failed', 'kicked', 'authLost'] as const;

/** Every change of state that there is; docs/rooms.md shows them. */
export const roomTransitions: readonly RoomTransition[] = [
  { from: 'loggedOut', to: 'idle', causes: ['login'] },
  { from: 'loggedOut', to: 'closed', causes: ['close'] },
  { from: 'idle', to: 'preparing', causes: ['createRoom', 'enterRoom'] },
  { from: 'idle', to: 'loggedOut', causes: ['logout', 'close', 'kicked'] },
  { from: 'idle', to: 'closed', causes: ['close'] },
  { from: 'preparing', to: 'joining', causes: ['pushBegin'] },
  { from: 'preparing', to: 'leaving', causes: [...called, ...givenUp] },
  { from: 'joining', to: 'inRoom', causes: ['membersRead'] },
  { from: 'joining', to: 'leaving', causes: [...called, ...givenUp, 'roomClosed', 'seatLost', 'pushLost'] },
  { from: 'inRoom', to: 'leaving', causes: [...called, ...givenUp, 'roomClosed', 'seatLost', 'pushLost'] },
  { from: 'leaving', to: 'idle', causes: ['left'] },
  { from: 'leaving', to: 'loggedOut', causes: ['kicked'] },
];

/** Holds a state and refuses what the table does not list. */
export class RoomStateMachine {
  readonly #onChange: (change: RoomStateChange) => void;
  #state: RoomState = 'loggedOut';

  constructor(onChange: (change: RoomStateChange) => void) {
    this.#onChange = onChange;
  }

  get state(): RoomState {
    return this.#state;
  }

  /** The state that is already there is no change. */
  to(to: RoomState, cause: RoomStateCause): void {
    const from = this.#state;
    if (to === from) return;
    if (!roomTransitions.some((one) => one.from === from && one.to === to && one.causes.includes(cause))) {
      throw new RtcError('ERR_RTC_INTERNAL', `no transition from ${from} to ${to} by ${cause}; please report this`);
    }
    this.#state = to;
    this.#onChange(Object.freeze({ from, to, cause }));
  }

  /** @throws RtcError ERR_RTC_INVALID_STATE, ERR_RTC_CLOSED */
  need(wanted: readonly RoomState[], what: string, remedy: string): void {
    if (this.#state === 'closed')
      throw new RtcError('ERR_RTC_CLOSED', `${what}: this RTCRoom is closed; make a new one`);
    if (wanted.includes(this.#state)) return;
    throw new RtcError('ERR_RTC_INVALID_STATE', `${what} is not possible in state ${this.#state}: ${remedy}`);
  }
}
