/** What is written on a colour can be read, and no colour is one that a Grafana cannot draw. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { ClassicBoard, panelsOf } from "./lint/classic-board.ts";
import { outputs } from "./output.ts";
import { COLOURS, FILLS, GROUP_WORDS, STATUS_LOOKS } from "./status-colours.ts";

/** As Grafana chooses what it writes in (packages/grafana-data/src/utils/colors.ts): black from this brightness on. */
const BRIGHTNESS_OF_BLACK = 180;
const WHITE = [247, 248, 250] as const;
const BLACK = [32, 34, 38] as const;
/** Of large or bold text, and of what is no text (WCAG 2.2, 1.4.3 and 1.4.11). */
const CONTRAST_MIN = 3;

type Rgb = readonly [number, number, number];

function rgbOf(colour: string): Rgb {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
  return [red, green, blue];
}

function textOn([red, green, blue]: Rgb): Rgb {
  const brightness = (red * 299 + green * 587 + blue * 114) / 1_000;
  return brightness > BRIGHTNESS_OF_BLACK ? BLACK : WHITE;
}

function luminance(rgb: Rgb): number {
  const [red = 0, green = 0, blue = 0] = rgb.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: Rgb, other: Rgb): number {
  const [least = 0, most = 0] = [luminance(one), luminance(other)].toSorted((left, right) => left - right);
  return (most + 0.05) / (least + 0.05);
}

const rows = [
  ...STATUS_LOOKS.map(({ word, colour }) => ({ word, colour })),
  ...GROUP_WORDS.map(({ name, colour }) => ({ word: `${name}, counted`, colour })),
];
for (const { word, colour } of rows)
  test(`${word} can be read on its colour`, () => {
    const fill = rgbOf(colour);
    assert.ok(contrast(textOn(fill), fill) >= CONTRAST_MIN, `${contrast(textOn(fill), fill)}`);
  });

test("on the plain orange it could not: the measure can fail", () => {
  const orange = rgbOf(COLOURS.warn);
  assert.ok(contrast(textOn(orange), orange) < CONTRAST_MIN);
  assert.notEqual(FILLS.warn, COLOURS.warn);
});

/** One that a Grafana does not know takes the whole board down: viridis is of 13, and 12 must draw it, too. */
const SCHEMES = ["thresholds", "fixed", "palette-classic", "continuous-blues"];

test("every colour scheme is one of Grafana 12", () => {
  const boards = [...outputs()]
    .filter(([path]) => path.endsWith(".json"))
    .map(([, text]) => ClassicBoard.parse(JSON.parse(text)));
  const modes = boards.flatMap(panelsOf).map(({ fieldConfig }) => String(fieldConfig.defaults.color["mode"]));
  assert.deepEqual(
    [...new Set(modes)].filter((mode) => !SCHEMES.includes(mode)),
    [],
  );
});

test("a timeline is not coloured by limits, or its cells would hold limits instead of words", () => {
  const timelines = [...outputs()]
    .filter(([path]) => path.endsWith(".json"))
    .flatMap(([, text]) => panelsOf(ClassicBoard.parse(JSON.parse(text))))
    .filter(({ type }) => type === "state-timeline");
  assert.ok(timelines.length > 5);
  for (const { fieldConfig } of timelines) assert.equal(fieldConfig.defaults.color["mode"], "fixed");
});
