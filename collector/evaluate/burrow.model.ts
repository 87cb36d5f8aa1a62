/**
 * # Burrow's storage and rules, written plainly
 *
 * For tests only: objects and arrays instead of columns, one step of linkedin/Burrow v1.9.5
 * (core/internal/storage/inmemory.go, core/internal/evaluator/caching.go) after the other, no thought of speed, and nothing
 * taken from the code it is compared with.
 */

export interface ModelCommit {
  readonly offset: number;
  readonly order: number;
  readonly timestamp: number;
  readonly observedAt: number;
  readonly lag: number | null;
}

interface ModelRing {
  readonly cells: (ModelCommit | null)[];
  /** The cell written next. */
  pointer: number;
}

interface ModelPartition {
  ring: ModelRing | null;
  owner: string;
  clientId: string;
}

interface ModelGroup {
  readonly topics: Map<string, ModelPartition[]>;
  lastCommit: number;
}

export interface ModelConfig {
  readonly intervals: number;
  /** s */
  readonly minDistance: number;
  /** s */
  readonly expireGroup: number;
  readonly minimumComplete: number;
  readonly allowedLag: number;
}

export interface Model {
  readonly config: ModelConfig;
  /** High watermarks by partition, oldest first. */
  readonly brokerTopics: Map<string, number[][]>;
  readonly groups: Map<string, ModelGroup>;
}

export function createModel(config: ModelConfig): Model {
  return { config, brokerTopics: new Map(), groups: new Map() };
}

export function modelBrokerOffset(model: Model, topic: string, partition: number, count: number, offset: number): void {
  const list = model.brokerTopics.get(topic) ?? [];
  if (partition < 0 || partition >= Math.max(list.length, count)) return;
  model.brokerTopics.set(topic, list);
  while (list.length < count) list.push([]);
  list[partition]?.push(offset);
  if ((list[partition]?.length ?? 0) > model.config.intervals) list[partition]?.shift();
}

function newestHighWatermark(model: Model, topic: string, partition: number): number | undefined {
  return model.brokerTopics.get(topic)?.[partition]?.at(-1);
}

function modelPartition(model: Model, group: ModelGroup, topic: string, partition: number): ModelPartition {
  const list = group.topics.get(topic) ?? [];
  group.topics.set(topic, list);
  if (partition >= list.length) {
    const count = model.brokerTopics.get(topic)?.length ?? 0;
    while (list.length < count) list.push({ ring: null, owner: "", clientId: "" });
  }
  const found = list[partition];
  if (found === undefined) throw new Error("the list reaches to every partition of the topic");
  found.ring ??= { cells: new Array<null>(model.config.intervals).fill(null), pointer: 0 };
  return found;
}

function modelGroup(model: Model, name: string): ModelGroup {
  const group = model.groups.get(name) ?? { topics: new Map(), lastCommit: 0 };
  model.groups.set(name, group);
  return group;
}

export interface ModelRequest {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
}

export function modelCommit(
  model: Model,
  { group: name, topic, partition }: ModelRequest,
  { offset, order, timestamp, now }: { offset: number; order: number; timestamp: number; now: number },
): void {
  if (timestamp < (now - model.config.expireGroup) * 1000) return;
  const highWatermark = newestHighWatermark(model, topic, partition);
  if (highWatermark === undefined) return;
  const group = modelGroup(model, name);
  const { ring } = modelPartition(model, group, topic, partition);
  if (ring === null) return;
  const place = destination(ring, order);
  if (place === "none") return;
  const lag = place === "append" ? Math.max(0, highWatermark - offset) : null;
  if (place === "append") group.lastCommit = timestamp;
  const commit = { offset, order, timestamp, observedAt: now * 1000, lag };
  store(model, ring, place, commit);
}

type Destination = "none" | "append" | { readonly replace: number } | { readonly insertBefore: number };

function previous(ring: ModelRing, cell: number): number {
  return (cell + ring.cells.length - 1) % ring.cells.length;
}

function destination(ring: ModelRing, order: number): Destination {
  const head = ring.pointer;
  const newest = ring.cells[previous(ring, head)];
  const oldest = ring.cells[head];
  if (newest === null || newest === undefined) return "append";
  if (oldest !== null && oldest !== undefined && oldest.order >= order) return "none";
  if (newest.order < order) return "append";
  let d = head;
  for (;;) {
    const p = previous(ring, d);
    const at = ring.cells[p];
    if (at === null || at === undefined || p === head) return { replace: p };
    if (at.order < order) return { insertBefore: d };
    if (at.order === order) return "none";
    d = p;
  }
}

function store(model: Model, ring: ModelRing, place: Exclude<Destination, "none">, commit: ModelCommit): void {
  const slot = place === "append" ? ring.pointer : "replace" in place ? place.replace : place.insertBefore;
  const q = previous(ring, slot);
  const before = ring.cells[q];
  if (
    before !== null &&
    before !== undefined &&
    before.order < commit.order &&
    commit.timestamp - before.timestamp < model.config.minDistance * 1000
  ) {
    ring.cells[q] = { ...commit, timestamp: before.timestamp };
    return;
  }
  if (place === "append") {
    ring.cells[slot] = commit;
    ring.pointer = (ring.pointer + 1) % ring.cells.length;
  } else if ("replace" in place) {
    ring.cells[slot] = commit;
  } else {
    for (let cell = ring.pointer; cell !== slot; cell = previous(ring, cell))
      ring.cells[cell] = ring.cells[previous(ring, cell)] ?? null;
    ring.cells[slot] = commit;
    ring.pointer = (ring.pointer + 1) % ring.cells.length;
  }
}

export function modelOwner(model: Model, request: ModelRequest, owner: string, clientId: string): void {
  const group = modelGroup(model, request.group);
  if (newestHighWatermark(model, request.topic, request.partition) === undefined) return;
  const partition = modelPartition(model, group, request.topic, request.partition);
  partition.owner = owner;
  partition.clientId = clientId;
}

export function modelClearOwners(model: Model, group: string): void {
  for (const list of model.groups.get(group)?.topics.values() ?? [])
    for (const partition of list) {
      partition.owner = "";
      partition.clientId = "";
    }
}

export function modelDeleteTopic(model: Model, topic: string): void {
  for (const group of model.groups.values()) group.topics.delete(topic);
  model.brokerTopics.delete(topic);
}

export function modelDeleteGroup(model: Model, name: string, topic: string | null): void {
  const group = model.groups.get(name);
  if (group === undefined) return;
  if (topic !== null) group.topics.delete(topic);
  if (topic === null || group.topics.size === 0) model.groups.delete(name);
}

export interface ModelDetail {
  readonly topic: string;
  readonly partition: number;
  readonly offsets: readonly (ModelCommit | null)[];
  readonly brokerOffsets: readonly number[];
  readonly owner: string;
  readonly clientId: string;
  readonly currentLag: number;
}

/** All partitions of a group, topics by name; null where there is no such group, or no longer. */
export function modelFetchConsumer(model: Model, name: string, now: number): ModelDetail[] | null {
  const group = model.groups.get(name);
  if (group === undefined) return null;
  if ((now - model.config.expireGroup) * 1000 > group.lastCommit) {
    model.groups.delete(name);
    return null;
  }
  const topics = [...group.topics.entries()].sort(([a], [b]) => (a < b ? -1 : 1));
  return topics.flatMap(([topic, list]) =>
    list.map(({ ring, owner, clientId }, partition) => {
      const offsets = ring === null ? [] : [...ring.cells.slice(ring.pointer), ...ring.cells.slice(0, ring.pointer)];
      const newest = offsets.at(-1);
      const highWatermark = newestHighWatermark(model, topic, partition) ?? 0;
      const currentLag = newest === null || newest === undefined ? 0 : Math.max(0, highWatermark - newest.offset);
      const brokerOffsets = [...(model.brokerTopics.get(topic)?.[partition] ?? [])];
      return { topic, partition, offsets, brokerOffsets, owner, clientId, currentLag };
    }),
  );
}

export interface ModelVerdict {
  readonly status: string;
  readonly start: ModelCommit | null;
  readonly end: ModelCommit | null;
  readonly complete: number;
}

type Cells = readonly Pick<ModelCommit, "offset" | "timestamp" | "lag">[];

export function modelJudge(
  config: Pick<ModelConfig, "minimumComplete" | "allowedLag">,
  given: Pick<ModelDetail, "offsets" | "brokerOffsets" | "currentLag">,
  now: number,
): ModelVerdict {
  const { offsets, brokerOffsets, currentLag } = given;
  if (offsets.length === 0) return { status: "OK", start: null, end: null, complete: 0 };
  const window = offsets.filter((cell) => cell !== null);
  const complete = window.length === 0 ? Math.fround(1 / offsets.length) : Math.fround(window.length / offsets.length);
  const judged = complete >= Math.fround(config.minimumComplete) && window.length > 0;
  const status = judged ? modelRules(window, brokerOffsets, currentLag, now, config.allowedLag) : "OK";
  return { status, start: window[0] ?? null, end: window.at(-1) ?? null, complete };
}

function modelRules(w: Cells, broker: readonly number[], currentLag: number, now: number, allowed: number): string {
  const [first, last] = [w[0], w.at(-1)];
  if (currentLag <= allowed || first === undefined || last === undefined) return "OK";
  const stopped = now * 1000 - last.timestamp > last.timestamp - first.timestamp;
  if (stopped && !broker.some((b) => b <= last.offset)) return "STOP";
  const i = w.findIndex((cell, at) => at > 0 && cell.offset < (w[at - 1]?.offset ?? 0));
  if (i > 0 && !w.slice(i).some((cell) => cell.offset >= (w[i - 1]?.offset ?? 0))) return "REWIND";
  if (w.every(({ lag }) => lag === null || lag > allowed)) {
    if (w.every(({ offset }) => offset === first.offset)) return "STALL";
    const known = w.flatMap(({ lag }) => (lag === null ? [] : [lag]));
    if (known.every((lag, at) => at === 0 || lag >= (known[at - 1] ?? 0))) return "WARN";
  }
  return "OK";
}

export interface ModelGroupVerdict {
  readonly status: string;
  readonly complete: number;
  readonly partitions: readonly (ModelDetail & ModelVerdict)[];
  readonly totalLag: number;
  readonly maxLag: (ModelDetail & ModelVerdict) | null;
}

export function modelGroupVerdict(model: Model, name: string, now: number): ModelGroupVerdict {
  const detail = modelFetchConsumer(model, name, now);
  if (detail === null) return { status: "NOTFOUND", complete: 1, partitions: [], totalLag: 0, maxLag: null };
  const partitions = detail.map((one) => ({ ...one, ...modelJudge(model.config, one, now) }));
  const code = (status: string): number => ["", "OK", "WARN", "ERR"].indexOf(status);
  let status = "OK";
  let maxLag: ModelGroupVerdict["maxLag"] = null;
  for (const one of partitions) {
    const asGroup = code(one.status) < 0 ? "ERR" : one.status;
    if (code(asGroup) > code(status)) status = asGroup;
    if (maxLag === null || one.currentLag > maxLag.currentLag) maxLag = one;
  }
  const full = partitions.filter(({ complete }) => complete === 1).length;
  return {
    status,
    complete: partitions.length === 0 ? 0 : Math.fround(full / partitions.length),
    partitions,
    totalLag: partitions.reduce((sum, { currentLag }) => sum + currentLag, 0),
    maxLag,
  };
}
