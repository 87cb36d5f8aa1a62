/**
 * # A status, told three ways: colour, shape and word
 *
 * Each shape can be told from the others without colour, and what is well is drawn quietly so that what is not stands out.
 * Colours are the Okabe-Ito set (assets/page.css), each with text of at least 4.5:1 on it.
 */

import type { GroupStatus, PartitionStatus } from "../collector/model/status.ts";
import type { Html } from "./html.ts";
import { html } from "./html.ts";

export type Status = GroupStatus | PartitionStatus;

/** Shapes on a grid of 16 by 16, drawn in the text's colour. */
function shapeOf(status: Status): string {
  switch (status) {
    case "OK":
      return "M3.5 8.5l3 3 6-7";
    case "WARN":
      return "M8 2.5l6 11H2zM8 6.5v3M8 11.6v.1";
    case "ERR":
      return "M5.2 2h5.6L14 5.2v5.6L10.8 14H5.2L2 10.8V5.2zM5.8 5.8l4.4 4.4M10.2 5.8l-4.4 4.4";
    case "STOP":
      return "M3.5 3.5h9v9h-9z";
    case "STALL":
      return "M5.5 3v10M10.5 3v10";
    case "REWIND":
      return "M8 3.5L3.5 8 8 12.5M13 3.5L8.5 8 13 12.5";
    case "warming":
      return "M4 2.5h8M4 13.5h8M5 2.5c0 4 6 7 6 11M11 2.5c0 4-6 7-6 11";
    case "stale":
      return "M8 2a6 6 0 1 0 6 6M8 4.8V8l2.2 1.5";
    case "unauthorised":
      return "M3.5 7.5h9v6h-9zM5.5 7.5V5a2.5 2.5 0 0 1 5 0v2.5";
    case "unknown":
      return "M5.5 5.5a2.5 2.5 0 1 1 3.6 2.2c-.8.4-1.1 1-1.1 2M8 12.9v.1";
  }
}

export function statusMark(status: Status): Html {
  return html`<svg class="mark" viewBox="0 0 16 16" aria-hidden="true"><path d="${shapeOf(status)}"/></svg>`;
}

export function statusBadge(status: Status): Html {
  return html`<span class="badge st-${status}">${statusMark(status)}${status}</span>`;
}

/** What a group's status means, for a reader who does not know Burrow's rules. */
export function groupStatusSentence(status: GroupStatus): string {
  switch (status) {
    case "OK":
      return "It commits, and it keeps up.";
    case "WARN":
      return "It commits, but on at least one partition the lag only grows.";
    case "ERR":
      return "At least one partition no longer moves forward: it has stopped, stalled or been rewound.";
    case "warming":
      return "Not enough of the offsets topic is replayed to judge it yet.";
    case "stale":
      return "The broker that would know is away. What is shown is what was known last.";
    case "unauthorised":
      return "The broker refuses to tell. Tidemark's user needs Describe on this group and its topics.";
    case "unknown":
      return "Nothing tells how far it has read: it commits no offsets, or keeps its progress where the broker does not show it.";
  }
}

/** What `count` partitions do, as the rest of a sentence: "2 have lag and no longer commit". */
export function partitionStatusSentence(status: PartitionStatus, count: number): string {
  const one = count === 1;
  switch (status) {
    case "OK":
      return one ? "commits and keeps up" : "commit and keep up";
    case "WARN":
      return one ? "commits, but its lag only grows" : "commit, but their lag only grows";
    case "STOP":
      return one ? "has lag and no longer commits" : "have lag and no longer commit";
    case "STALL":
      return `${one ? "commits" : "commit"} the same offset again and again while records wait`;
    case "REWIND":
      return "went back to an offset below an earlier one";
    case "warming":
      return `${one ? "is" : "are"} not replayed far enough to be judged`;
    case "stale":
      return `${one ? "is" : "are"} led by a broker that is away`;
    case "unauthorised":
      return `${one ? "is" : "are"} refused to us`;
    case "unknown":
      return `${one ? "does" : "do"} not tell how far the group has read`;
  }
}
