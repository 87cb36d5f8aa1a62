/**
 * # A hidden offsets topic
 *
 * Hosted Kafka may hide `__consumer_offsets`: then it is not in the metadata, as on a new cluster, where no group has ever been. Groups
 * tell the two apart. What they have committed nobody can know there, so the first partition of the topic, which stands for
 * all that are not known, is unavailable, as it is where the topic is seen and may not be read.
 */

import type { Clock } from "../../runtime/clock.ts";
import type { Logger } from "../../runtime/logger.ts";
import type { Observer } from "../model/observation.ts";
import { observed } from "./observed.ts";

/** Tells of a hidden topic, and says once what does without. Metadata and groups have to be told through it. */
export function watchingHiddenLog(observer: Observer, clock: Clock, logger: Logger): Observer {
  let hasGroups = false;
  // Of a topic that was there the reader tells what becomes of it: a broker that has just started may not know it yet.
  let wasThere = false;
  let isSaid = false;
  const say = (reason: string): void => {
    if (!isSaid)
      logger.warn(
        { event: "kafka.offsets-topic-hidden", reason },
        "no commits are seen; `source: polling` does without",
      );
    isSaid = true;
  };
  return observed(observer, (observation) => {
    observer.observe(observation);
    const { kind } = observation;
    if (kind === "groups") hasGroups = observation.groups.length > 0;
    if (kind === "log-unavailable" && observation.reason === "unauthorised") say("we may not read __consumer_offsets");
    if (kind === "log-partitions" && observation.logPartitions > 0) wasThere = true;
    // Metadata that is younger than the groups: who creates a group creates the topic before.
    if (kind === "log-partitions" && observation.logPartitions === 0 && hasGroups && !wasThere) {
      observer.observe({ kind: "log-unavailable", logPartition: 0, reason: "unauthorised", atMs: clock.nowMs() });
      say("there are groups, but no topic __consumer_offsets");
    }
  });
}
