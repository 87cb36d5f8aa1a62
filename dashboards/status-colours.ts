/**
 * # Statuses as they look on a board: word, colour, order
 *
 * The word is always written; colour only helps. The colours are Okabe and Ito's, told apart by people who do not see red and
 * green, with contrasts measured on Grafana's light and dark panels. Numbers are Burrow's, the largest the worst; what has no
 * number (warming, stale, unauthorised, unknown) is no verdict, and no OK either.
 */

export const COLOURS = {
  ok: "#009E73",
  warn: "#E69F00",
  err: "#D55E00",
  stop: "#0072B2",
  stall: "#CC79A7",
  rewind: "#56B4E9",
  none: "#8E8E8E",
} as const;

/**
 * The same for areas with a word on them. Grafana writes in white unless the area is light, and white on orange, sky or pink cannot be
 * read: the first two are just light enough here for it to write in black, the third dark enough for white.
 */
export const FILLS = { ...COLOURS, warn: "#F5B82E", stall: "#C46A9B", rewind: "#7CC9F2" } as const;

interface StatusLook {
  readonly code: number;
  readonly word: string;
  readonly colour: string;
}

export const STATUS_LOOKS: readonly StatusLook[] = [
  { code: 0, word: "NOTFOUND", colour: FILLS.none },
  { code: 1, word: "OK", colour: FILLS.ok },
  { code: 2, word: "WARN", colour: FILLS.warn },
  { code: 3, word: "ERR", colour: FILLS.err },
  { code: 4, word: "STOP", colour: FILLS.stop },
  { code: 5, word: "STALL", colour: FILLS.stall },
  { code: 6, word: "REWIND", colour: FILLS.rewind },
];

/** Groups are counted by these words, in this order: the worst first, then what is not judged. */
export const GROUP_WORDS = [
  { name: "ERR", words: ["ERR"], colour: FILLS.err },
  { name: "WARN", words: ["WARN"], colour: FILLS.warn },
  { name: "no verdict", words: ["stale", "unauthorised", "unknown", "warming"], colour: FILLS.none },
  { name: "OK", words: ["OK"], colour: FILLS.ok },
] as const;
