/**
 * # The consumers of the shadow run: who commits what, when
 *
 * Each commits every `everyMs` what `offset` says, or nothing. A share is how much of the run has passed, from 0 to 1; what happens
 * before the run begins has the share 0. `own` is what was committed last.
 */

export interface Moment {
  readonly share: number;
  /** One past the newest record of the partition, as far as was produced. */
  readonly end: number;
  readonly own: number;
  readonly turn: number;
}

export interface Consumer {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  readonly everyMs: number;
  /** Undefined: no commit this time. */
  offset(moment: Moment): number | undefined;
}

const COMMIT_MS = 2_000;
/** Longer than Burrow's look at the broker: with more commits than looks a lag that only grows is seen to fall. */
const SLOW_MS = 12_000;

type Behaviour = Consumer["offset"];

const keepsUp: Behaviour = ({ end }) => end;
const readsBy =
  (records: number): Behaviour =>
  ({ own, end }) =>
    Math.min(own + records, end);
/** Each from its share on, the last one that has begun counts. */
const phases =
  (...all: readonly (readonly [fromShare: number, behaviour: Behaviour])[]): Behaviour =>
  (moment) =>
    all.findLast(([fromShare]) => moment.share >= fromShare)?.[1](moment);
const silent: Behaviour = () => undefined;
const same: Behaviour = ({ own }) => own;

const orders = (group: string, everyMs: number, offset: Behaviour, partition = 0): Consumer => ({
  group,
  topic: "orders",
  partition,
  everyMs,
  offset,
});

const SCRIPTED: readonly Consumer[] = [
  ...[0, 1, 2].map((partition) => orders("healthy", COMMIT_MS, keepsUp, partition)),
  orders("stops", COMMIT_MS, phases([0, keepsUp], [0.15, silent], [0.6, keepsUp])),
  orders("stops-behind", COMMIT_MS, phases([0, ({ end }) => Math.max(0, end - 300)], [0.3, silent])),
  orders("stalls", COMMIT_MS, phases([0, keepsUp], [0.2, same], [0.7, keepsUp])),
  orders(
    "rewinds",
    COMMIT_MS,
    phases([0, keepsUp], [0.4, ({ own }) => Math.max(0, own - 3_000)], [0.41, readsBy(10)], [0.75, keepsUp]),
  ),
  orders(
    "goes-back-and-recovers",
    COMMIT_MS,
    phases([0, keepsUp], [0.3, ({ end }) => Math.max(0, end - 100)], [0.31, keepsUp]),
  ),
  orders("slow", SLOW_MS, phases([0, keepsUp], [0.05, readsBy(30)], [0.8, keepsUp])),
  orders("catches-up", COMMIT_MS, phases([0, () => 0], [0.02, readsBy(200)])),
  orders(
    "commits-once",
    COMMIT_MS,
    phases([0, silent], [0.25, ({ turn, own }) => (own === 0 && turn > 0 ? 50 : undefined)]),
  ),
  orders("one-of-three-stops", COMMIT_MS, keepsUp, 0),
  orders("one-of-three-stops", COMMIT_MS, phases([0, keepsUp], [0.35, silent]), 1),
  orders("one-of-three-stops", COMMIT_MS, keepsUp, 2),
  orders("is-deleted", COMMIT_MS, phases([0, readsBy(5)], [0.3, silent])),
  orders("offsets-deleted", COMMIT_MS, phases([0, readsBy(5)], [0.4, silent])),
  { group: "idle-topic", topic: "static", partition: 0, everyMs: COMMIT_MS, offset: ({ end }) => end },
  { group: "idle-topic-behind", topic: "static", partition: 1, everyMs: COMMIT_MS, offset: () => 40 },
  {
    group: "idle-topic-left",
    topic: "static",
    partition: 1,
    everyMs: COMMIT_MS,
    offset: phases([0, () => 40], [0.1, silent]),
  },
  { group: "trickle", topic: "trickle", partition: 0, everyMs: 5_000, offset: keepsUp },
  {
    group: "trickle-stops",
    topic: "trickle",
    partition: 0,
    everyMs: 5_000,
    offset: phases([0, keepsUp], [0.3, silent]),
  },
  {
    group: "reads-late",
    topic: "late",
    partition: 0,
    everyMs: COMMIT_MS,
    offset: phases([0, silent], [0.22, readsBy(5)]),
  },
  {
    group: "reads-doomed",
    topic: "doomed",
    partition: 0,
    everyMs: COMMIT_MS,
    offset: phases([0, () => 10], [0.59, silent]),
  },
  {
    group: "reads-doomed-too",
    topic: "doomed",
    partition: 0,
    everyMs: COMMIT_MS,
    offset: phases([0, () => 10], [0.59, silent]),
  },
  { group: "reads-doomed-too", topic: "static", partition: 0, everyMs: COMMIT_MS, offset: () => 90 },
];

const CADENCES_MS = [1_000, 2_000, 5_000, 12_000, 20_000];
/** How much of the run a wanderer goes on as it is. */
const MOOD_SHARE = 0.08;
const WANDERERS = 40;

const MOODS: readonly Behaviour[] = [
  keepsUp,
  readsBy(2),
  readsBy(1_000),
  same,
  silent,
  ({ own }) => Math.max(0, own - 40),
];

/** What nobody has thought of: each takes up another behaviour now and then, by chance of a seed. */
function wanderer(index: number, random: () => number): Consumer {
  const moods = Array.from({ length: Math.ceil(1 / MOOD_SHARE) + 1 }, () => MOODS[Math.floor(random() * MOODS.length)]);
  const everyMs = CADENCES_MS[Math.floor(random() * CADENCES_MS.length)] ?? COMMIT_MS;
  return orders(
    `wanderer-${index}`,
    everyMs,
    (moment) => moods[Math.floor(moment.share / MOOD_SHARE)]?.(moment),
    index % 3,
  );
}

export function consumersOf(random: () => number): readonly Consumer[] {
  return [...SCRIPTED, ...Array.from({ length: WANDERERS }, (_, index) => wanderer(index, random))];
}
