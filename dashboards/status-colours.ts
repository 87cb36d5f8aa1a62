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

interface StatusLook {
  readonly code: number;
  readonly word: string;
  readonly colour: string;
}

export const STATUS_LOOKS: readonly StatusLook[] = [
  { code: 0, word: "NOTFOUND", colour: COLOURS.none },
  { code: 1, word: "OK", colour: COLOURS.ok },
  { code: 2, word: "WARN", colour: COLOURS.warn },
  { code: 3, word: "ERR", colour: COLOURS.err },
  { code: 4, word: "STOP", colour: COLOURS.stop },
  { code: 5, word: "STALL", colour: COLOURS.stall },
  { code: 6, word: "REWIND", colour: COLOURS.rewind },
];

/** Groups are counted by these words, in this order: the worst first, then what is not judged. */
export const GROUP_WORDS = [
  { word: "ERR", colour: COLOURS.err },
  { word: "WARN", colour: COLOURS.warn },
  { word: "stale", colour: COLOURS.none },
  { word: "unauthorised", colour: COLOURS.none },
  { word: "unknown", colour: COLOURS.none },
  { word: "warming", colour: COLOURS.rewind },
  { word: "OK", colour: COLOURS.ok },
] as const;
