/**
 * # A picture of a screen with 256 colours, a third of the bytes
 *
 *     png   := signature IHDR PLTE IDAT IEND        (PNG 1.2; colour type 3, eight bits, filter 0 on each line)
 *     chunk := length:uint32 type:4 data crc:uint32 of type and data
 *
 * A screen has few colours that matter: the most frequent stay as they are, each other one becomes the nearest of them. What is read is
 * what Chromium writes: eight bits, three or four bytes a pixel, not interlaced.
 */

import { crc32, deflateSync, inflateSync } from "node:zlib";

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const COLOURS_MAX = 256;
const RGB = 3;
const RGBA_TYPE = 6;

interface Pixels {
  readonly width: number;
  readonly height: number;
  /** 0xRRGGBB of each, line by line. */
  readonly colours: Uint32Array;
}

export function withPalette(png: Buffer): Buffer {
  const { width, height, colours } = pixelsOf(png);
  const counts = new Map<number, number>();
  for (const colour of colours) counts.set(colour, (counts.get(colour) ?? 0) + 1);
  const palette = [...counts]
    .toSorted(([, left], [, right]) => right - left)
    .slice(0, COLOURS_MAX)
    .map(([colour]) => colour);
  const places = new Map([...counts.keys()].map((colour) => [colour, nearest(palette, colour)]));
  const lines = Buffer.alloc((width + 1) * height);
  for (const [index, colour] of colours.entries())
    lines[index + Math.floor(index / width) + 1] = places.get(colour) ?? 0;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 3], 8);
  const entries = Buffer.from(palette.flatMap(partsOf));
  const data = deflateSync(lines, { level: 9, memLevel: 9 });
  const chunks = [chunk("IHDR", header), chunk("PLTE", entries), chunk("IDAT", data), chunk("IEND", Buffer.alloc(0))];
  return Buffer.concat([SIGNATURE, ...chunks]);
}

function partsOf(colour: number): [number, number, number] {
  return [colour >> 16, (colour >> 8) & 255, colour & 255];
}

function nearest(palette: readonly number[], colour: number): number {
  const [red, green, blue] = partsOf(colour);
  const distances = palette.map((one) => {
    const [r, g, b] = partsOf(one);
    return (r - red) ** 2 + (g - green) ** 2 + (b - blue) ** 2;
  });
  return distances.indexOf(Math.min(...distances));
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const whole = Buffer.alloc(body.length + 8);
  whole.writeUInt32BE(data.length, 0);
  whole.set(body, 4);
  whole.writeUInt32BE(crc32(body), body.length + 4);
  return whole;
}

function pixelsOf(png: Buffer): Pixels {
  const data: Buffer[] = [];
  for (let at = SIGNATURE.length; at < png.length; at += 12 + png.readUInt32BE(at)) {
    const body = png.subarray(at + 8, at + 8 + png.readUInt32BE(at));
    if (png.toString("latin1", at + 4, at + 8) === "IDAT") data.push(body);
  }
  const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)];
  const bytes = png[25] === RGBA_TYPE ? RGB + 1 : RGB;
  const plain = unfiltered(inflateSync(Buffer.concat(data)), { line: width * bytes, bytes, height });
  const colours = Uint32Array.from({ length: width * height }, (_, index) => plain.readUIntBE(index * bytes, RGB));
  return { width, height, colours };
}

interface Lines {
  /** Bytes of one, and of one pixel. */
  readonly line: number;
  readonly bytes: number;
  readonly height: number;
}

/** Each byte is told as the difference to what its neighbours let expect; the first byte of a line says how. */
function unfiltered(filtered: Buffer, { line, bytes, height }: Lines): Buffer {
  const plain = Buffer.alloc(line * height);
  for (let y = 0; y < height; y += 1) {
    const filter = filtered[y * (line + 1)] ?? 0;
    for (let x = 0; x < line; x += 1) {
      const at = y * line + x;
      const left = x >= bytes ? (plain[at - bytes] ?? 0) : 0;
      const above = y > 0 ? (plain[at - line] ?? 0) : 0;
      const corner = x >= bytes && y > 0 ? (plain[at - line - bytes] ?? 0) : 0;
      const expected = [0, left, above, (left + above) >> 1, paeth(left, above, corner)][filter] ?? 0;
      plain[at] = ((filtered[at + y + 1] ?? 0) + expected) & 255;
    }
  }
  return plain;
}

// Three of a type, as the format names them: called for each byte.
function paeth(left: number, above: number, corner: number): number {
  const guess = left + above - corner;
  const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - above), Math.abs(guess - corner)];
  if (a <= b && a <= c) return left;
  return b <= c ? above : corner;
}
