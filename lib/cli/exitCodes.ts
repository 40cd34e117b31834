/** Exit codes of `rtcroom`, the same for every command. */
export const exitCodes = {
  ok: 0,
  /** It ran and failed: a fault, or a criterion that was not met. */
  failure: 1,
  /** Unknown command, unknown or wrong option. */
  usage: 2,
  /** The machine lacks something: the addon, a program, a free port. */
  environment: 3,
  /** Ended by Ctrl-C before it was done (128 + SIGINT). */
  interrupted: 130,
} as const;

export const exitCodesHelp = `
Exit codes:
  0    ok
  1    failure
  2    usage: unknown command, unknown or wrong option
  3    environment: addon, program or port is missing; "rtcroom doctor" tells more
  130  interrupted by Ctrl-C before it was done`;
