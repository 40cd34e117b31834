/** How a room's service uses Tencent's IM. */
export interface TencentImOptions {
  /** Address of the data centre that the application is in. Default 'https://console.tim.qq.com' (China). */
  url?: string;
  /** Administrator account, which owns the groups. Default 'admin'. */
  admin?: string;
  /**
   * How members are told of a change: 'system' is send_group_system_notification, which every client of 2018 reads; 'message'
   * is send_group_msg, which is there for new customers too and which the Windows client alone reads; 'auto' (default)
   * begins with the first and stays with the second once that is refused to this application.
   */
  notices?: 'auto' | 'system' | 'message';
  /** Calls a second of this process, all together. Default 100; Tencent's own limit is 200 for each kind of call. */
  callsPerSecond?: number;
  /** Calls that may wait; beyond it notices are left out, and rooms refused by code 6. Default 20 000. */
  maxQueued?: number;
  /** Until a call must be answered, ms. Default 5000. */
  timeoutMs?: number;
}
