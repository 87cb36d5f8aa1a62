/**
 * # What a replay answers, line by line
 *
 * A line for each group whose verdict is another than at the tick before: its status, its strict status, or those of its
 * partitions; numbers alone are no news. The members are those of `GroupEvaluation`, with `t` for the grid time and, of the
 * partitions, those that are not OK. A group that is no longer there is NOTFOUND, once.
 */

import type { PartitionEvaluation } from "../model/evaluation.ts";
import type { Snapshot } from "../model/snapshot.ts";
import {
  BURROW_PARTITION_STATUSES,
  groupEvaluationAt,
  NO_BURROW_STATUS,
  PARTITION_STATUSES,
} from "../model/snapshot.ts";

export interface VerdictReport {
  /** The lines of one tick, without their line ends. */
  linesOf(snapshot: Snapshot): readonly string[];
  /** Groups seen so far. */
  groups(): number;
}

export function createVerdictReport({ everyTick }: { readonly everyTick: boolean }): VerdictReport {
  /** By group; undefined after it has gone. */
  const verdicts = new Map<string, string | undefined>();
  return {
    groups: () => verdicts.size,
    linesOf: (snapshot) => {
      const lines: string[] = [];
      const here = new Set<string>();
      for (const [index, { group }] of snapshot.groups.entries()) {
        here.add(group);
        const verdict = verdictOf(snapshot, index);
        if (!everyTick && verdicts.get(group) === verdict) continue;
        verdicts.set(group, verdict);
        lines.push(lineOf(snapshot, index));
      }
      for (const [group, verdict] of verdicts) {
        if (verdict === undefined || here.has(group)) continue;
        verdicts.set(group, undefined);
        lines.push(JSON.stringify({ t: snapshot.at, group, status: "NOTFOUND", partitions: [] }));
      }
      return lines;
    },
  };
}

const OK = PARTITION_STATUSES.indexOf("OK");
const BURROW_OK = BURROW_PARTITION_STATUSES.indexOf("OK");

/** Equal texts are equal verdicts. */
function verdictOf({ groups, rowStart, rows }: Snapshot, index: number): string {
  let verdict = `${groups[index]?.status} ${groups[index]?.burrow_status}`;
  const end = rowStart[index + 1] ?? 0;
  for (let row = rowStart[index] ?? 0; row < end; row += 1) {
    const [status, burrowStatus] = [rows.status[row], rows.burrowStatus[row]];
    if (status === OK && (burrowStatus === BURROW_OK || burrowStatus === NO_BURROW_STATUS)) continue;
    const topic = rows.topics[rows.topicIndex[row] ?? 0];
    verdict += ` ${status} ${burrowStatus} ${rows.partition[row]} ${JSON.stringify(topic)}`;
  }
  return verdict;
}

function lineOf(snapshot: Snapshot, index: number): string {
  const evaluation = groupEvaluationAt(snapshot, index);
  if (evaluation === undefined) throw new RangeError(`the snapshot has no group ${index}`);
  const { cluster: _, at, partitions, ...summary } = evaluation;
  return JSON.stringify({ t: at, ...summary, partitions: partitions.filter((one) => !isWell(one)) });
}

function isWell({ status, burrow_status: burrowStatus }: PartitionEvaluation): boolean {
  return status === "OK" && (burrowStatus === undefined || burrowStatus === "OK");
}
