/** Durations, sizes and shares: what people write, and what is refused rather than guessed. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { ByteSize, Duration, Share } from "./units.ts";

const durations: readonly { readonly text: string; readonly ms: number | "refused" }[] = [
  { text: "10s", ms: 10_000 },
  { text: "7d", ms: 604_800_000 },
  { text: "500ms", ms: 500 },
  { text: "1.5h", ms: 5_400_000 },
  { text: "2.3s", ms: 2_300 },
  { text: "2 m", ms: 120_000 },
  { text: "0s", ms: 0 },
  { text: "0.5ms", ms: "refused" },
  { text: "10", ms: "refused" },
  { text: "-1s", ms: "refused" },
  { text: "10 weeks", ms: "refused" },
  { text: "", ms: "refused" },
  { text: "999999999999999999d", ms: "refused" },
];

for (const { text, ms } of durations) {
  test(`duration ${JSON.stringify(text)} is ${ms}`, () => {
    const parsed = Duration.safeParse(text);
    assert.equal(parsed.success ? parsed.data : "refused", ms);
  });
}

const sizes: readonly { readonly written: string | number; readonly bytes: number | "refused" }[] = [
  { written: "2GiB", bytes: 2_147_483_648 },
  { written: "10MB", bytes: 10_000_000 },
  { written: "2.3MB", bytes: 2_300_000 },
  { written: "1.5KiB", bytes: 1_536 },
  { written: 4096, bytes: 4_096 },
  { written: "0B", bytes: 0 },
  { written: "4096", bytes: "refused" },
  { written: "2gib", bytes: "refused" },
  { written: 1.5, bytes: "refused" },
  { written: -1, bytes: "refused" },
  { written: "9000000TiB", bytes: "refused" },
];

for (const { written, bytes } of sizes) {
  test(`size ${JSON.stringify(written)} is ${bytes}`, () => {
    const parsed = ByteSize.safeParse(written);
    assert.equal(parsed.success ? parsed.data : "refused", bytes);
  });
}

const shares: readonly { readonly text: string; readonly share: number | "refused" }[] = [
  { text: "99%", share: 0.99 },
  { text: "99.5 %", share: 0.995 },
  { text: "100%", share: 1 },
  { text: "0%", share: "refused" },
  { text: "101%", share: "refused" },
  { text: "0.99", share: "refused" },
  { text: "%", share: "refused" },
];

for (const { text, share } of shares) {
  test(`share ${JSON.stringify(text)} is ${share}`, () => {
    const parsed = Share.safeParse(text);
    assert.equal(parsed.success ? parsed.data : "refused", share);
  });
}
