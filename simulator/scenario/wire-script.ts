/**
 * # Faults of the wire on a script
 *
 * In a scenario's file they stand beside those of the world, as `wire:NAME`, with the broker, topic or group that they are about
 * and, where it needs one, an amount of milliseconds. They are played where there is a wire: a world on its own has none.
 */

import type { Faults, WireFault } from "../wire/faults.ts";

export interface WireScript {
  readonly fault: WireFault;
  /** From the moment at which somebody begins to watch. */
  readonly atMs: number;
  readonly forMs: number;
  readonly everyMs: number | undefined;
}

/** What a line of a file may say of it. */
export interface WireWords {
  readonly broker?: number | undefined;
  readonly topic?: string | undefined;
  readonly partition?: number | undefined;
  readonly group?: string | undefined;
  readonly amount?: number | undefined;
}

interface Scripted {
  readonly needs: "broker" | "topic" | "group";
  readonly make: (words: WireWords) => WireFault;
}

const AMOUNT_MS = 1_000;

const onBroker = (make: (broker: number, amountMs: number) => WireFault): Scripted => ({
  needs: "broker",
  make: ({ broker = 0, amount = AMOUNT_MS }) => make(broker, amount),
});

/** Those that need no more words than a line of a file has. */
const SCRIPTED: ReadonlyMap<string, Scripted> = new Map([
  ["wire:broker-down", onBroker((broker) => ({ fault: "broker-down", broker }))],
  ["wire:hung", onBroker((broker) => ({ fault: "hung", broker }))],
  ["wire:slow", onBroker((broker, delayMs) => ({ fault: "slow", broker, delayMs }))],
  ["wire:loading", onBroker((broker) => ({ fault: "loading", broker }))],
  ["wire:throttle", onBroker((broker, throttleMs) => ({ fault: "throttle", broker, throttleMs }))],
  [
    "wire:partial-metadata",
    {
      needs: "topic",
      make: ({ topic = "", partition }) => ({
        fault: "partial-metadata",
        topic,
        ...(partition === undefined ? {} : { partition }),
      }),
    },
  ],
  ["wire:deny-topic", { needs: "topic", make: ({ topic = "" }) => ({ fault: "deny-topic", topic }) }],
  ["wire:deny-group", { needs: "group", make: ({ group = "" }) => ({ fault: "deny-group", group }) }],
]);

export const WIRE_FAULT_NAMES: readonly string[] = [...SCRIPTED.keys()];

/** What the fault is about; undefined where it is not one of the wire. */
export function wireNeeds(name: string): Scripted["needs"] | undefined {
  return SCRIPTED.get(name)?.needs;
}

export function wireFaultOf(name: string, words: WireWords): WireFault | undefined {
  return SCRIPTED.get(name)?.make(words);
}

/** Called again and again with the time since somebody began to watch: begins and ends what the script wants. */
export function createWirePlayer(scripts: readonly WireScript[], faults: Faults): (elapsedMs: number) => void {
  const ends = new Map<WireScript, () => void>();
  return (elapsedMs) => {
    for (const script of scripts) {
      const end = ends.get(script);
      const isDue = isOn(script, elapsedMs);
      if (isDue && end === undefined) ends.set(script, faults.begin(script.fault));
      if (isDue || end === undefined) continue;
      end();
      ends.delete(script);
    }
  };
}

function isOn({ atMs, forMs, everyMs }: WireScript, elapsedMs: number): boolean {
  const sinceMs = elapsedMs - atMs;
  if (sinceMs < 0) return false;
  return (everyMs === undefined ? sinceMs : sinceMs % everyMs) < forMs;
}
