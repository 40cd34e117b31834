import { Backoff } from '../Backoff.js';
import { delay } from '../delay.js';
import { RtcError, type RtcErrorCode } from '../errors.js';
import type { PlayerLike } from './media.js';
import type { RoomMember } from './members.js';
import type { AddViewOptions } from './RemoteViews.js';

export interface AutoPlayerOptions<Player extends PlayerLike, PlayerOptions> {
  /** Resolves when the member's stream plays. */
  play: (member: RoomMember, options: AddViewOptions<Player, PlayerOptions>) => Promise<Player>;
  /** The member as the list has it now; undefined when it is gone. */
  member: (userID: string) => RoomMember | undefined;
  playerOptions: (member: RoomMember) => PlayerOptions | undefined;
  onStart: (player: Player, member: RoomMember) => void;
  onEnd: (player: Player, member: RoomMember) => void;
  /** A stream cannot be played; told once until it plays again. */
  onError: (error: RtcError, userID: string) => void;
}

interface Run {
  stop: AbortController;
  /** Tells of the end of the player that was told of. */
  tellEnd: () => void;
  /** Ends what plays, so that it is played anew. */
  renew: () => void;
}

const nothing = () => undefined;

/** A stream that played that long was well: the waits begin anew, ms. */
const settledMs = 10_000;

/** Trying again does not help. */
const hopeless: ReadonlySet<RtcErrorCode> = new Set<RtcErrorCode>([
  'ERR_RTC_INVALID_ARGUMENT',
  'ERR_RTC_INVALID_URL',
  'ERR_RTC_UNSUPPORTED',
  'ERR_RTC_ADDON_NOT_FOUND',
  'ERR_RTC_CLOSED',
]);

/** Plays members from their joining to their leaving; what is lost or does not begin is tried again behind waits. */
export class AutoPlay<Player extends PlayerLike, PlayerOptions> {
  readonly #options: AutoPlayerOptions<Player, PlayerOptions>;
  readonly #runs = new Map<string, Run>();

  constructor(options: AutoPlayerOptions<Player, PlayerOptions>) {
    this.#options = options;
  }

  start(userID: string): void {
    this.stop(userID);
    const run: Run = { stop: new AbortController(), tellEnd: nothing, renew: nothing };
    this.#runs.set(userID, run);
    void this.#keepPlaying(userID, run).finally(() => {
      if (this.#runs.get(userID) === run) this.#runs.delete(userID);
    });
  }

  /** Leaves the member alone; its player is closed by the views. */
  stop(userID: string): void {
    const run = this.#runs.get(userID);
    this.#runs.delete(userID);
    run?.stop.abort();
    // Now, so that it comes before the start of the member's next player.
    run?.tellEnd();
    run?.renew();
  }

  clear(): void {
    for (const userID of [...this.#runs.keys()]) this.stop(userID);
  }

  /** The member's player has given up. False when it was not one of these. */
  lost(userID: string): boolean {
    const run = this.#runs.get(userID);
    run?.renew();
    return run !== undefined;
  }

  async #keepPlaying(userID: string, run: Run): Promise<void> {
    const { play, member, playerOptions, onStart, onEnd, onError } = this.#options;
    const { signal } = run.stop;
    const backoff = new Backoff({ minMs: 500, maxMs: 10_000 });
    let isTold = false;
    while (!signal.aborted) {
      const wanted = member(userID);
      if (!wanted) return;
      const over = new Promise<void>((resolve) => {
        run.renew = resolve;
      });
      try {
        const onPlayer = (player: Player) => {
          run.tellEnd = () => {
            run.tellEnd = nothing;
            onEnd(player, wanted);
          };
          onStart(player, wanted);
        };
        await play(wanted, { player: playerOptions(wanted), onPlayer, signal });
        const sinceMs = performance.now();
        await over;
        // The loss itself is told where it is noticed.
        isTold = true;
        if (performance.now() - sinceMs > settledMs) backoff.reset();
      } catch (error) {
        const fault = asRtcError(error);
        if (!signal.aborted && !isTold) onError(fault, userID);
        isTold = true;
        if (hopeless.has(fault.code)) run.stop.abort();
      }
      run.tellEnd();
      await delay(backoff.nextMs(), signal);
    }
  }
}

function asRtcError(error: unknown): RtcError {
  if (error instanceof RtcError) return error;
  return new RtcError('ERR_RTC_INTERNAL', 'a player failed in an unexpected way; please report this', { cause: error });
}
