/**
 * # Exit codes
 *
 * As in sysexits.h where it has a word for it. `check` has its own, small ones: a probe of another program reads them. The table is
 * what docs/exit-codes.md is made from.
 */

export const EXIT = {
  ok: 0,
  failing: 1,
  checkConfig: 2,
  usage: 64,
  data: 65,
  unavailable: 69,
  bug: 70,
  config: 78,
} as const;

export interface ExitMeaning {
  /** "every command", or the commands that have it. */
  readonly commands: string;
  readonly code: number;
  readonly when: string;
}

export const EXIT_MEANINGS: readonly ExitMeaning[] = [
  { commands: "every command", code: EXIT.ok, when: "It ended as asked; what runs until it is stopped was stopped." },
  { commands: "`check`", code: EXIT.failing, when: "Something fails; warnings alone do not count." },
  { commands: "`check`", code: EXIT.checkConfig, when: "The configuration is wrong." },
  { commands: "every other command", code: EXIT.config, when: "The configuration is wrong." },
  { commands: "every command", code: EXIT.usage, when: "The words of the command line are wrong." },
  { commands: "`replay`", code: EXIT.data, when: "The trace has a line that cannot be read, without `--lenient`." },
  {
    commands: "`collector`, `shipper`, `all`, `demo`",
    code: EXIT.unavailable,
    when: "What it needs is not to be had: its port, its data folder, a spool that another process holds.",
  },
  {
    commands: "`shipper`, `all` with `--test` or `--once`",
    code: EXIT.unavailable,
    when: "No tick came within `--wait`, or none with a point for these sinks; with `--once` also: points are left in the spool.",
  },
  {
    commands: "`provision`",
    code: EXIT.unavailable,
    when: "A store does not have what it has to have: it did not answer, it refused, or something was left alone.",
  },
  {
    commands: "`dlq`",
    code: EXIT.unavailable,
    when: "Not all was done: a shipper runs, a store was away or refused again, a sink is not configured.",
  },
  {
    commands: "`deploy`, `offsets`",
    code: EXIT.unavailable,
    when: "The collector did not answer, or refused, or no such deploy is kept.",
  },
  { commands: "`replay`", code: EXIT.unavailable, when: "The file of the trace cannot be read." },
  { commands: "every command", code: EXIT.bug, when: "A bug. What is on disk is whole." },
  { commands: "every command", code: EXIT.failing, when: "It was told to stop a second time, and stopped at once." },
];
