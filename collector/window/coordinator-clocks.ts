/**
 * # Coordinators' clocks: how far they are behind ours
 *
 * A commit carries its coordinator's time. Where that clock is wrong, or ours, ages and silences would be wrong by as much; so
 * each sample says how old the newest commit looked when it was read, as soon as it could be. The least of the last few is
 * the difference, and the time a commit takes to us. What is below the tolerance is none.
 *
 * What is measured counts from the next tick on (`adopt`): verdicts and ages are of one clock.
 */

const SAMPLES_MAX = 8;
/** One or two may be late because somebody else was. */
const SAMPLES_MIN = 3;
const TOLERANCE_MS = 5_000;

export interface CoordinatorClocks {
  /** Our time of reading minus the commit's own. */
  sample(logPartition: number, differenceMs: number): void;
  /** True where a difference changed. */
  adopt(): boolean;
  /** To be added to a coordinator's time; 0 where the clocks agree. */
  differenceMs(logPartition: number): number;
  /** Those that differ. */
  differing(): ReadonlyMap<number, number>;
}

interface Samples {
  readonly ms: number[];
  next: number;
}

export function createCoordinatorClocks(): CoordinatorClocks {
  const samples: (Samples | undefined)[] = [];
  let adopted: ReadonlyMap<number, number> = new Map();
  return {
    sample: (logPartition, differenceMs) => {
      const own = samples[logPartition] ?? { ms: [], next: 0 };
      samples[logPartition] = own;
      own.ms[own.next] = differenceMs;
      own.next = (own.next + 1) % SAMPLES_MAX;
    },
    adopt: () => {
      const before = adopted;
      const measured = samples.map((own, logPartition) => [logPartition, differenceOf(own)] as const);
      adopted = new Map(measured.filter(([, ms]) => ms !== 0));
      return adopted.size !== before.size || [...adopted].some(([logPartition, ms]) => before.get(logPartition) !== ms);
    },
    differenceMs: (logPartition) => (adopted.size === 0 ? 0 : (adopted.get(logPartition) ?? 0)),
    differing: () => adopted,
  };
}

function differenceOf(own: Samples | undefined): number {
  if (own === undefined || own.ms.length < SAMPLES_MIN) return 0;
  const least = Math.min(...own.ms);
  return Math.abs(least) <= TOLERANCE_MS ? 0 : least;
}
