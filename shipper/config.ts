/** # Configuration of the shipper and its sinks; docs are generated from the sentences here */

import { z } from "zod";
import { ByteSize, Duration } from "../runtime/config/units.ts";

export const SqliteSinkConfig = z.strictObject({
  type: z.literal("sqlite"),
  retention: Duration.prefault("7d").meta({ description: "Points older than this are deleted." }),
  bytes_max: ByteSize.prefault("2GiB").meta({
    description: "Disk the history may use; beyond, the oldest points are deleted.",
  }),
  partition_points: z.enum(["all", "unhealthy"]).default("unhealthy").meta({
    description:
      "Partitions whose points are kept: all, or those that are neither OK nor warming. Where sinks differ, the widest counts for all.",
  }),
});
export type SqliteSinkConfig = z.output<typeof SqliteSinkConfig>;

export const SinkConfig = z.discriminatedUnion("type", [SqliteSinkConfig]);
export type SinkConfig = z.output<typeof SinkConfig>;

/** Sinks by their names; a sink's place in the spool is kept under its name. */
export const SinksConfig = z
  .record(z.string().min(1), SinkConfig)
  .prefault({})
  .transform((sinks) => (Object.keys(sinks).length > 0 ? sinks : { local: SqliteSinkConfig.parse({ type: "sqlite" }) }))
  .meta({ description: "Where history goes; none given: one sqlite sink named local." });
export type SinksConfig = z.output<typeof SinksConfig>;

/** The keys of `shipper:` that the shipper itself reads; the command adds `listen` and access to it. */
export const SHIPPER_SHAPE = {
  from: z
    .url({ protocol: /^https?$/ })
    .optional()
    .meta({ description: "The collector whose feed is read, such as http://127.0.0.1:8000." }),
  from_token_file: z
    .string()
    .optional()
    .meta({ description: "File with the token of the collector, if it asks for one." }),
  data_dir: z.string().default("./data").meta({ description: "Folder of the spool and of embedded histories." }),
  spool: z
    .strictObject({
      bytes_max: ByteSize.prefault("10GiB").meta({
        description: "Disk the spool may use, at least 16MiB; beyond, the oldest batch is dropped and counted.",
      }),
    })
    .prefault({}),
} as const;
