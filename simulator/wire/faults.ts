/**
 * # Faults of the wire: what is wrong with brokers and connections
 *
 * Begun and ended by whoever plays them; while none is on, brokers answer as the cluster is. What happens to the data (leaders
 * that move, logs that are truncated, topics made again) is a change of the cluster and not a fault of the wire.
 */

export type WireFault =
  | { readonly fault: "broker-down"; readonly broker: number }
  | { readonly fault: "hung"; readonly broker: number }
  | { readonly fault: "slow"; readonly broker: number; readonly delayMs: number; readonly api?: string }
  /** The answer ends after so many bytes, and the connection with it. */
  | { readonly fault: "cut"; readonly broker: number; readonly api: string; readonly afterBytes: number }
  /** Any error code for a whole answer, or for what it says of a topic, a partition or a group. */
  | {
      readonly fault: "error";
      readonly api: string;
      readonly code: number;
      readonly broker?: number;
      readonly topic?: string;
      readonly partition?: number;
      readonly group?: string;
    }
  /** Its coordinator does not know its groups yet: it lists none, and says so to those who ask for one. */
  | { readonly fault: "loading"; readonly broker: number }
  /** Answers ask for patience, and the connection is mute for that long (KIP-219). */
  | { readonly fault: "throttle"; readonly broker: number; readonly throttleMs: number }
  /** Metadata knows no leader of this partition, or of none of the topic's. */
  | { readonly fault: "partial-metadata"; readonly topic: string; readonly partition?: number }
  | { readonly fault: "deny-topic"; readonly topic: string }
  | { readonly fault: "deny-group"; readonly group: string };

export const WIRE_FAULTS: Readonly<Record<WireFault["fault"], string>> = {
  "broker-down": "The broker's port is closed, and so are all connections to it.",
  hung: "The broker accepts connections and requests, and never answers.",
  slow: "Answers come late.",
  cut: "Answers end in the middle, and the connection is reset.",
  error: "Answers carry an error code.",
  loading: "The coordinator has not loaded its groups yet.",
  throttle: "Clients are throttled.",
  "partial-metadata": "Metadata knows no leader of some partitions.",
  "deny-topic": "The user may not describe the topic.",
  "deny-group": "The user may not describe the group.",
};

type FaultOf<Name extends WireFault["fault"]> = Extract<WireFault, { readonly fault: Name }>;

export interface Faults {
  /** Answers with the way back. */
  begin(fault: WireFault): () => void;
  /** Of this kind, the one that began first; quick where there is none. */
  find<Name extends WireFault["fault"]>(name: Name, fits: (fault: FaultOf<Name>) => boolean): FaultOf<Name> | undefined;
  /** Called after each change. */
  onChange(listener: () => void): void;
}

export function createFaults(): Faults {
  const active = new Set<WireFault>();
  const listeners: (() => void)[] = [];
  const changed = (): void => listeners.forEach((listener) => void listener());
  return {
    begin: (fault) => {
      active.add(fault);
      changed();
      return () => {
        if (active.delete(fault)) changed();
      };
    },
    find: (name, fits) => {
      if (active.size === 0) return undefined;
      for (const one of active) {
        if (one.fault !== name) continue;
        const fault = one as FaultOf<typeof name>;
        if (fits(fault)) return fault;
      }
      return undefined;
    },
    onChange: (listener) => void listeners.push(listener),
  };
}
