/**
 * # The port of sources of commits: what a group has committed, and when
 *
 * Two stand behind it: the offsets topic (topic-commits.ts), whose records carry the coordinator's time, and polls of OffsetFetch
 * (polled-commits.ts), which see between which two polls a commit was made. Whatever stands here promises this:
 *
 * - The present first: a baseline of each group before its commits, and no verdict before `replayed`.
 * - Each commit at most once, in the order in which they were made. None is made up: an offset that is merely still there is no
 *   commit. A source may miss commits; then it says so by `isPolled`, and in docs/sources.md.
 * - A commit was made not after the time that it is told with and, where the source has to infer, after its bound.
 * - What is taken back is told (`offset-tombstone`), and what has ended (`group-tombstone`). Of what does not answer it is told
 *   why, at once; it costs its own groups and no others.
 */

import type { Actor } from "../../runtime/lifecycle.ts";
import type { IngestCounts } from "../ingest/ingest-counts.ts";
import type { GroupType } from "../protocol/offsets-topic/key.ts";
import type { ReadTopic } from "./read-positions.ts";

export interface CommitSource {
  readonly actor: Actor;
  /** What a later run needs to go on from here; undefined while less is known than was known before. */
  readTopic(): ReadTopic | undefined;
  readonly counts: Readonly<IngestCounts>;
}

/** What a source is given, beside the observer that it tells. */
export interface CommitSourceHooks {
  /** Something happened to these groups: whoever describes groups looks at them soon. */
  readonly onTouched: (groups: Iterable<readonly [group: string, type: GroupType]>) => void;
}
