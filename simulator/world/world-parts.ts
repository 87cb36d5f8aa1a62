/**
 * # What a fault may reach of a world
 */

import type { Cluster } from "../cluster/cluster.ts";
import type { WorldEvents } from "./events.ts";
import type { GroupProcess } from "./group-process.ts";
import type { Schedule } from "./schedule.ts";
import type { TopicSpec } from "./specs.ts";
import type { TopicProcess } from "./topic-process.ts";

export interface WorldParts {
  readonly cluster: Cluster;
  readonly schedule: Schedule;
  readonly events: WorldEvents;
  /** Both throw on a name that the scenario does not have; it was checked when the world was made. */
  group(name: string): GroupProcess;
  topic(name: string): TopicProcess;
  /** All that read the topic. */
  groupsOf(topic: string): readonly GroupProcess[];
  configsOf(topic: TopicSpec): Readonly<Record<string, string>>;
  /** One that nobody else has. */
  producerId(): number;
}
