/**
 * # What a program costs while nothing special happens
 *
 * Under a steady load of commits, with a scrape every 15 s as Prometheus does it (gzip accepted).
 */

import { setTimeout as pause } from "node:timers/promises";
import type { Peer } from "../peers/peer.ts";
import { usageOf } from "./process-usage.ts";

const SCRAPE_EVERY_MS = 15_000;
const WARM_UP_MS = 20_000;
const LOOK_EVERY_MS = 1_000;

export interface Scrapes {
  readonly ms: readonly number[];
  /** Of the last one, unpacked. */
  readonly bytes: number;
}

export interface Steady {
  readonly cpuSecondsPerMinute: number;
  /** The largest of one look a second. */
  readonly rssMib: number;
  /** Since the program began: its start is in it. */
  readonly rssMibMax: number;
  readonly scrapes: Scrapes;
}

export async function measureSteady(peer: Peer, seconds: number): Promise<Steady> {
  await pause(WARM_UP_MS);
  const stop = new AbortController();
  const scraping = scrapeForever(peer.metricsUrl, stop.signal);
  const [before, beganMs] = [await usageOf(peer.pid), performance.now()];
  let rssMib = 0;
  while (performance.now() - beganMs < seconds * 1_000) {
    await pause(LOOK_EVERY_MS);
    rssMib = Math.max(rssMib, (await usageOf(peer.pid)).rssMib);
  }
  const [after, minutes] = [await usageOf(peer.pid), (performance.now() - beganMs) / 60_000];
  stop.abort();
  const cpuSecondsPerMinute = (after.cpuSeconds - before.cpuSeconds) / minutes;
  return { cpuSecondsPerMinute, rssMib, rssMibMax: after.rssMibMax, scrapes: await scraping };
}

async function scrapeForever(url: string, signal: AbortSignal): Promise<Scrapes> {
  const ms: number[] = [];
  let bytes = 0;
  while (!signal.aborted) {
    const beganMs = performance.now();
    const response = await fetch(url, { headers: { "accept-encoding": "gzip" } });
    bytes = (await response.arrayBuffer()).byteLength;
    ms.push(performance.now() - beganMs);
    await pause(SCRAPE_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
  return { ms, bytes };
}
