/**
 * # What is due when
 *
 * A binary heap by time; what is due at the same time runs in the order in which it was planned. A world changes only in
 * here, so that it does not matter in which steps it is advanced.
 */

export type Task = (nowMs: number) => void;

export interface Schedule {
  /** At `atMs`, or at once where that has passed. */
  at(atMs: number, task: Task): void;
  /** First after `firstMs`, then again and again, each time after what `everyMs` says then. */
  repeat(firstMs: number, everyMs: () => number, task: Task): void;
  /** Runs all that is due up to and including `toMs`. */
  run(toMs: number): void;
}

interface Due {
  readonly atMs: number;
  readonly seq: number;
  readonly task: Task;
}

export function createSchedule(startMs: number): Schedule {
  const heap: Due[] = [];
  let nowMs = startMs;
  let seq = 0;
  const at = (atMs: number, task: Task): void => {
    push(heap, { atMs: Math.max(nowMs, Math.round(atMs)), seq, task });
    seq += 1;
  };
  const repeat: Schedule["repeat"] = (firstMs, everyMs, task) => {
    at(firstMs, (dueMs) => {
      task(dueMs);
      repeat(dueMs + Math.max(1, everyMs()), everyMs, task);
    });
  };
  return {
    at,
    repeat,
    run: (toMs) => {
      for (let first = heap[0]; first !== undefined && first.atMs <= toMs; first = heap[0]) {
        pop(heap);
        nowMs = first.atMs;
        first.task(nowMs);
      }
      nowMs = Math.max(nowMs, toMs);
    },
  };
}

function isBefore(one: Due, other: Due): boolean {
  return one.atMs < other.atMs || (one.atMs === other.atMs && one.seq < other.seq);
}

function push(heap: Due[], due: Due): void {
  let at = heap.length;
  heap.push(due);
  while (at > 0) {
    const parent = (at - 1) >> 1;
    const above = heap[parent] as Due;
    if (isBefore(above, due)) break;
    heap[at] = above;
    at = parent;
  }
  heap[at] = due;
}

function pop(heap: Due[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && isBefore(heap[child + 1] as Due, heap[child] as Due)) child += 1;
    const below = heap[child] as Due;
    if (isBefore(last, below)) break;
    heap[at] = below;
    at = child;
  }
  heap[at] = last;
}
