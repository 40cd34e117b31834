import { RtcError } from '../errors.js';
import type { LiveEvent } from '../live/events.js';
import type { PlayerLike } from './media.js';
import type { RoomMember } from './members.js';

export interface RemoteViewsOptions<Player extends PlayerLike, PlayerOptions> {
  create: (options: PlayerOptions | undefined) => Promise<Player> | Player;
  onEvent: (userID: string, event: LiveEvent) => void;
  /** A player that had begun has given up; it is closed already or about to be. */
  onLost: (userID: string, event: LiveEvent) => void;
  /** An old player failed to close. */
  onError: (error: unknown, userID: string) => void;
}

export interface AddViewOptions<Player, PlayerOptions> {
  player?: PlayerOptions | undefined;
  /** Called with the player before it starts, to attach listeners that must miss nothing. */
  onPlayer?: ((player: Player) => void) | undefined;
  signal?: AbortSignal | undefined;
}

interface View {
  stop: AbortController;
  /** Settles when the player, if there is one, is closed; undefined while it runs. */
  closing: Promise<void> | undefined;
  player: PlayerLike | undefined;
  hasBegun: boolean;
}

/** The players of the members that are viewed, at most one each. */
export class RemoteViews<Player extends PlayerLike, PlayerOptions> {
  readonly #options: RemoteViewsOptions<Player, PlayerOptions>;
  readonly #views = new Map<string, View>();

  constructor(options: RemoteViewsOptions<Player, PlayerOptions>) {
    this.#options = options;
  }

  /** Resolves with the member's player at PLAY_EVT_PLAY_BEGIN. A view that is there already is replaced. */
  async add(member: RoomMember, options: AddViewOptions<Player, PlayerOptions>): Promise<Player> {
    const { userID, accelerateURL } = member;
    const view: View = { stop: new AbortController(), closing: undefined, player: undefined, hasBegun: false };
    const older = this.#views.get(userID);
    this.#views.set(userID, view);
    const { stop } = view;
    const signal = options.signal ? AbortSignal.any([stop.signal, options.signal]) : stop.signal;
    const check = () => {
      if (!signal.aborted) return;
      throw new RtcError('ERR_RTC_ABORTED', `the view of ${userID} was stopped before it began`, {
        cause: signal.reason,
      });
    };
    try {
      if (older) await this.#close(older, userID);
      check();
      const player = await this.#options.create(options.player);
      view.player = player;
      check();
      player.on('event', (event) => this.#onEvent(userID, view, event));
      options.onPlayer?.(player);
      await player.startPlay(accelerateURL, { signal });
      check();
      view.hasBegun = true;
      return player;
    } catch (error) {
      this.#forget(userID, view);
      await this.#close(view, userID);
      throw error;
    }
  }

  /** Stops and closes the member's player; nothing when there is none. */
  async remove(userID: string): Promise<void> {
    const view = this.#views.get(userID);
    if (!view) return;
    this.#forget(userID, view);
    await this.#close(view, userID);
  }

  async clear(): Promise<void> {
    await Promise.all([...this.#views.keys()].map((userID) => this.remove(userID)));
  }

  #onEvent(userID: string, view: View, event: LiveEvent): void {
    if (this.#views.get(userID) !== view) return;
    if (event.name === 'PLAY_EVT_PLAY_BEGIN') view.hasBegun = true;
    this.#options.onEvent(userID, event);
    if (event.name !== 'PLAY_ERR_NET_DISCONNECT' || !view.hasBegun) return;
    void this.remove(userID);
    this.#options.onLost(userID, event);
  }

  #forget(userID: string, view: View): void {
    if (this.#views.get(userID) === view) this.#views.delete(userID);
  }

  /** Never rejects. */
  #close(view: View, userID: string): Promise<void> {
    view.stop.abort();
    const { player } = view;
    if (!player) return Promise.resolve();
    view.closing ??= this.#closePlayer(player, userID);
    return view.closing;
  }

  async #closePlayer(player: PlayerLike, userID: string): Promise<void> {
    try {
      await player.close();
    } catch (error) {
      this.#options.onError(error, userID);
    }
  }
}
