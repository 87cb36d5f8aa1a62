/** Cluster state against a plain model of Maps: whatever comes, a slot never shows what another group left in it. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { BURROW_STORE_DEFAULTS } from "./burrow-store.ts";
import type { ClusterState } from "./cluster-state.ts";
import { createClusterState } from "./cluster-state.ts";
import { liveSlotsOf } from "./live-slots.ts";

const NOW_S = 1_700_000_000;
const GROUPS = ["a", "b", "__proto__"] as const;
const TOPICS = ["t", "u"] as const;
const PARTITIONS = 3;
const LOG = 0;

const group = fc.constantFrom(...GROUPS);
const topic = fc.constantFrom(...TOPICS);
const partition = fc.nat({ max: PARTITIONS - 1 });
const place = { group, topic, partition };
/** Orders rise, as they do in a log; the property is about places, not about order. */
const op = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ op: fc.constant("commit" as const), ...place, offset: fc.integer({ min: -1, max: 50 }) }),
  },
  { weight: 2, arbitrary: fc.record({ op: fc.constant("tombstone" as const), ...place }) },
  {
    weight: 1,
    arbitrary: fc.record({
      op: fc.constant("baseline" as const),
      group,
      rows: fc.array(fc.record({ topic, partition, offset: fc.integer({ min: -1, max: 50 }) }), { maxLength: 3 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      op: fc.constant("members" as const),
      group,
      owned: fc.array(fc.record({ topic, partition, clientId: fc.constantFrom("x", "y\0z") }), { maxLength: 3 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ op: fc.constant("group-tombstone" as const), group }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant("listing" as const), groups: fc.subarray([...GROUPS]) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      op: fc.constant("topics" as const),
      ids: fc.tuple(fc.nat({ max: 1 }), fc.nat({ max: 1 })),
      kept: fc.subarray([...TOPICS]),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ op: fc.constant("end" as const), topic, partition, offset: fc.nat({ max: 50 }) }),
  },
);
type Op = typeof op extends fc.Arbitrary<infer T> ? T : never;

interface Row {
  offset: number | undefined;
  order: number | undefined;
  owner: string | undefined;
}

interface Model {
  readonly rows: Map<string, Row>;
  readonly facts: Set<string>;
  readonly missed: Map<string, number>;
  readonly topics: Map<string, string>;
  readonly ends: Map<string, number>;
}

const keyOf = (...parts: readonly (string | number)[]): string => JSON.stringify(parts);

function rowOf(model: Model, key: string): Row {
  const row = model.rows.get(key) ?? { offset: undefined, order: undefined, owner: undefined };
  model.rows.set(key, row);
  return row;
}

const of = (model: Model, name: string) => [...model.rows].filter(([key]) => JSON.parse(key)[0] === name);

/** Rows without offset and owner are as if they had never been. */
function prune(model: Model): void {
  for (const [key, { offset, owner }] of model.rows)
    if (offset === undefined && owner === undefined) model.rows.delete(key);
}

function applyToModel(model: Model, one: Op, order: number): void {
  switch (one.op) {
    case "commit": {
      const row = rowOf(model, keyOf(one.group, one.topic, one.partition));
      row.offset = one.offset < 0 ? undefined : one.offset;
      row.order = order;
      return;
    }
    case "tombstone": {
      rowOf(model, keyOf(one.group, one.topic, one.partition)).offset = undefined;
      return;
    }
    case "baseline": {
      for (const [, row] of of(model, one.group)) row.offset = undefined;
      for (const { topic, partition, offset } of one.rows)
        if (offset >= 0) rowOf(model, keyOf(one.group, topic, partition)).offset = offset;
      return;
    }
    case "members": {
      model.facts.add(one.group);
      for (const [, row] of of(model, one.group)) row.owner = undefined;
      for (const { topic, partition, clientId } of one.owned)
        rowOf(model, keyOf(one.group, topic, partition)).owner = clientId;
      return;
    }
    case "group-tombstone":
      return; // of classic metadata: a group of another protocol leaves one too
    case "listing": {
      for (const name of one.groups) model.facts.add(name);
      for (const name of [...model.facts]) {
        const times = one.groups.includes(name as (typeof GROUPS)[number]) ? 0 : (model.missed.get(name) ?? 0) + 1;
        model.missed.set(name, times);
        if (times < 2) continue;
        for (const [key] of of(model, name)) model.rows.delete(key);
        model.facts.delete(name);
        model.missed.delete(name);
      }
      return;
    }
    case "topics": {
      for (const [i, name] of TOPICS.entries()) {
        const id = one.kept.includes(name) ? `${name}-${one.ids[i]}` : undefined;
        if (model.topics.get(name) !== id) for (let p = 0; p < PARTITIONS; p += 1) model.ends.delete(keyOf(name, p));
        if (id === undefined) model.topics.delete(name);
        else model.topics.set(name, id);
      }
      return;
    }
    case "end": {
      if (model.topics.has(one.topic)) model.ends.set(keyOf(one.topic, one.partition), one.offset);
    }
  }
}

function applyToState(state: ClusterState, one: Op, order: number): void {
  switch (one.op) {
    case "commit":
      state.commit(
        state.handleOf(one.group, one.topic, one.partition),
        one.offset,
        NOW_S * 1000 + order,
        order,
        LOG,
        order,
      );
      return;
    case "tombstone":
      state.observe({
        kind: "offset-tombstone",
        handle: state.handleOf(one.group, one.topic, one.partition),
        logPartition: LOG,
        order,
      });
      return;
    case "baseline": {
      const offsets = one.rows.map(({ topic, partition, offset }) => ({ topic, partition, committedOffset: offset }));
      state.observe({ kind: "baseline", group: one.group, logPartition: LOG, offsets });
      return;
    }
    case "members": {
      const members = one.owned.map(({ topic, partition, clientId }) => ({
        memberId: clientId,
        clientId,
        clientHost: `/${clientId.length}`,
        partitions: [{ topic, partitions: [partition] }],
      }));
      const words = { protocolType: "consumer", state: undefined, type: "classic", generation: 1 };
      state.observe({ kind: "members", group: one.group, ...words, members, order, logPartition: LOG, atMs: order });
      return;
    }
    case "group-tombstone":
      state.observe({ kind: "group-tombstone", group: one.group, logPartition: LOG, order });
      return;
    case "listing": {
      const groups = one.groups.map((name) => ({
        group: name,
        protocolType: "consumer",
        state: "Empty",
        type: "classic",
      }));
      state.observe({ kind: "groups", groups });
      return;
    }
    case "topics": {
      const topics = TOPICS.flatMap((name, i) =>
        one.kept.includes(name) ? [{ topic: name, topicId: `${name}-${one.ids[i]}`, partitions: PARTITIONS }] : [],
      );
      state.observe({ kind: "topics", topics });
      return;
    }
    case "end":
      state.observe({
        kind: "watermarks",
        which: "end",
        atMs: NOW_S * 1000,
        answeredAtMs: NOW_S * 1000,
        topics: [one.topic],
        topicIndex: Int32Array.of(0),
        partitions: Int32Array.of(one.partition),
        offsets: Float64Array.of(one.offset),
        unavailable: new Map(),
      });
  }
}

function shownRows(state: ClusterState): ReadonlyMap<string, unknown> {
  const rows = new Map<string, unknown>();
  for (const name of GROUPS) {
    for (const slot of liveSlotsOf(state.table, name)) {
      const key = state.table.keyOf(slot);
      assert.equal(key?.group, name);
      const offset = state.offsets.committedOffset.get(slot);
      const owner = state.offsets.ownerOf(state.offsets.ownerId.get(slot))?.clientId;
      if (Number.isNaN(offset) && owner === undefined) continue;
      const end = state.watermarks.endOffset.get(state.table.topicPartitionOf(slot));
      rows.set(keyOf(name, key.topic, key.partition), [
        Number.isNaN(offset) ? undefined : offset,
        owner,
        Number.isNaN(end) ? undefined : end,
      ]);
    }
  }
  return rows;
}

function modelRows(model: Model): ReadonlyMap<string, unknown> {
  return new Map(
    [...model.rows].map(([key, { offset, owner }]) => [
      key,
      [offset, owner, model.ends.get(keyOf(...JSON.parse(key).slice(1)))],
    ]),
  );
}

const sorted = (rows: ReadonlyMap<string, unknown>) => [...rows].toSorted(([a], [b]) => (a < b ? -1 : 1));

test("any sequence of observations shows what plain maps would", () => {
  fc.assert(
    fc.property(fc.array(op, { maxLength: 60 }), (ops) => {
      const state = createClusterState({ cluster: "c", burrow: BURROW_STORE_DEFAULTS, nowS: () => NOW_S });
      const model: Model = { rows: new Map(), facts: new Set(), missed: new Map(), topics: new Map(), ends: new Map() };
      ops.forEach((one, order) => {
        applyToState(state, one, order);
        applyToModel(model, one, order);
        prune(model);
        if (one.op === "tombstone" && of(model, one.group).length === 0 && state.groups.get(one.group) === undefined) {
          model.facts.delete(one.group);
          model.missed.delete(one.group);
        }
        assert.deepEqual(sorted(shownRows(state)), sorted(modelRows(model)));
      });
    }),
    { numRuns: 500 },
  );
});

test("when everything has gone, nothing is held", () => {
  fc.assert(
    fc.property(fc.array(op, { maxLength: 60 }), (ops) => {
      const state = createClusterState({ cluster: "c", burrow: BURROW_STORE_DEFAULTS, nowS: () => NOW_S });
      ops.forEach((one, order) => {
        applyToState(state, one, order);
      });
      for (const name of GROUPS) state.observe({ kind: "baseline", group: name, logPartition: LOG, offsets: [] });
      for (const name of GROUPS)
        state.observe({ kind: "group-tombstone", group: name, logPartition: LOG, order: ops.length });
      for (let i = 0; i < 2; i += 1) state.observe({ kind: "groups", groups: [] });
      state.observe({ kind: "topics", topics: [] });
      assert.deepEqual(
        [state.table.count(), state.table.groups.count(), state.table.topicPartitions.topics.count()],
        [0, 0, 0],
      );
      assert.deepEqual([...state.groups.names()], []);
    }),
    { numRuns: 300 },
  );
});
