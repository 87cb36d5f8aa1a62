/**
 * # Group, its lower half: what its partitions do, and what happened
 */

import { series, table } from "../query/intent.ts";
import type { PanelSpec } from "./panel-spec.ts";

const GROUP = ["cluster", "group"] as const;
const TOPICS = ["cluster", "group", "topic"] as const;
const LAST = "2m";
const PARTITION_NAME = "{{topic}} {{partition}}";
const PARTITIONS_MAX = 50;

export const PARTITION_PANELS: readonly PanelSpec[] = [
  {
    id: 14,
    title: "Which partitions lag?",
    description:
      "Lag of the partitions with the most, brighter is more. Normal: even. One bright row: one stuck partition, or a key that gets most of the records. All bright: the whole group is slow.",
    view: { type: "status-history" },
    unit: "short",
    width: 12,
    height: 12,
    intents: [
      series("partition", {
        field: "lag",
        by: ["topic", "partition"],
        scope: TOPICS,
        name: PARTITION_NAME,
        linesMax: PARTITIONS_MAX,
      }),
    ],
  },
  {
    id: 15,
    title: "Which partitions are in trouble, and since when?",
    description:
      "The verdict on the worst partitions. Normal: OK. STOP: nothing committed any more; STALL: committed, but never further; REWIND: went back; WARN: lag only grows. A gap is no verdict, or OK where only trouble is written.",
    view: { type: "state-timeline", meaning: "status" },
    unit: "none",
    width: 12,
    height: 12,
    intents: [
      series("partition", {
        field: "status_code",
        by: ["topic", "partition"],
        scope: TOPICS,
        name: PARTITION_NAME,
        linesMax: PARTITIONS_MAX,
      }),
    ],
  },
  {
    id: 16,
    title: "What does each partition do?",
    description:
      "Each partition as its worst of the last two minutes, the worst on top. Normal: OK, small lag. loss in: until retention deletes unread records. lost: records that were deleted before they were read. A sink may be set to keep only partitions in trouble.",
    view: {
      type: "table",
      meanings: { status: "status" },
      links: [{ board: "topic", title: "Open this topic", variables: ["cluster", "topic"] }],
    },
    unit: "short",
    width: 24,
    height: 12,
    lastTime: LAST,
    intents: [
      table("partition", {
        by: ["cluster", "topic", "partition"],
        scope: TOPICS,
        columns: [
          { field: "status_code", title: "status" },
          { field: "lag", title: "lag" },
          { field: "lag_seconds", title: "time lag" },
          { field: "committed_offset", title: "committed to" },
          { field: "end_offset", title: "end offset" },
          { field: "start_offset", title: "start offset" },
          { field: "committed_per_second", title: "committed/s" },
          { field: "commit_age_seconds", title: "last commit", statistic: "min" },
          { field: "lost_records", title: "lost" },
          { field: "loss_seconds", title: "loss in", statistic: "min" },
        ],
      }),
    ],
    units: {
      "time lag": "s",
      "committed to": "none",
      "end offset": "none",
      "start offset": "none",
      "committed/s": "recps",
      "last commit": "s",
      "loss in": "s",
    },
    widths: { topic: 180, partition: 80, status: 80 },
    hidden: ["cluster"],
  },
  {
    id: 18,
    title: "Who reads which partition?",
    description:
      "The member that each partition was given to, of the last two minutes; the largest lag on top. Normal: each client has about as many. All that lag with one client: look at that host. After a rebalance both members of a partition are listed.",
    view: { type: "table" },
    unit: "short",
    width: 12,
    height: 9,
    lastTime: LAST,
    intents: [
      table("partition", {
        by: ["topic", "partition"],
        scope: TOPICS,
        words: [
          { field: "client_id", title: "client" },
          { field: "owner", title: "member" },
        ],
        columns: [
          { field: "lag", title: "lag" },
          { field: "committed_per_second", title: "committed/s" },
        ],
      }),
    ],
    units: { "committed/s": "recps" },
    widths: { partition: 80, lag: 80, "committed/s": 110 },
    empty: "no members",
  },
  {
    id: 17,
    title: "What happened to it?",
    description:
      "Rebalances, offset resets, the group appearing or vanishing; the newest on top. Normal: a rebalance at a deploy. What stands here just before a trouble is often its cause.",
    view: { type: "table" },
    unit: "none",
    width: 12,
    height: 9,
    intents: [{ shape: "events", kind: "event", scope: GROUP, rowsMax: 200 }],
    units: { when: "dateTimeFromNow" },
    hidden: ["cluster", "group"],
    widths: { when: 130, event: 100 },
    empty: "nothing",
  },
];
