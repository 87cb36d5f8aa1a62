/** # Configuration of the shipper and its sinks; docs are generated from the sentences here */

import { z } from "zod";
import { ByteSize, Duration, Share } from "../runtime/config/units.ts";
import { KIND_NAMES } from "./schema/kind.ts";
import { PARTITION_POINTS } from "./schema/thinning.ts";

const patterns = (what: string) =>
  z
    .array(z.string().min(1).max(512))
    .default([])
    .meta({ description: `${what} whose points are written, as patterns with * and ?; "!" in front leaves out.` });

const selectionShape = {
  kinds: z
    .array(z.enum(KIND_NAMES))
    .default([])
    .meta({ description: "Kinds of points that are written; none given: every kind." }),
  clusters: patterns("Clusters"),
  groups: patterns("Groups"),
};

const from = z.enum(["oldest", "newest"]).default("oldest").meta({
  description: "Where it begins when it is new: at the oldest point in the spool, or with what comes next.",
});

const partitionPoints = (usual: "all" | "unhealthy") =>
  z.enum(PARTITION_POINTS).default(usual).meta({
    description:
      "Points of partitions that are kept: all; unhealthy, of those that are neither OK nor warming; changed, where an offset or a word changed, and one every 5 minutes.",
  });

export const SqliteSinkConfig = z.strictObject({
  type: z.literal("sqlite").meta({ description: "Embedded history, which the page reads." }),
  retention: Duration.prefault("7d").meta({ description: "Points older than this are deleted." }),
  bytes_max: ByteSize.prefault("2GiB").meta({
    description: "Disk the history may use; beyond, the oldest points are deleted.",
  }),
  from,
  partition_points: partitionPoints("unhealthy"),
  ...selectionShape,
});
export type SqliteSinkConfig = z.output<typeof SqliteSinkConfig>;

const BATCH_POINTS_MAX = 5_000;

const url = (example: string) =>
  z
    .url({ protocol: /^https?$/ })
    .refine((text) => new URL(text).username === "" && new URL(text).password === "", {
      message: "no user or password in it: they belong into a file",
    })
    .meta({ description: `Where it listens, such as ${example}.` });

const remoteShape = (batchPoints: number) => ({
  username: z.string().optional().meta({ description: "User name, where it knows users." }),
  password_file: z.string().optional().meta({ description: "File with the user's password; read for each request." }),
  ca_file: z.string().optional().meta({ description: "PEM file of the authority that signed its certificate." }),
  timeout: Duration.prefault("30s").meta({ description: "A request without an answer is given up after this." }),
  batch_points: z
    .int()
    .min(1)
    .max(BATCH_POINTS_MAX)
    .default(batchPoints)
    .meta({ description: "Points of one request, at most; fewer while it finds that too many." }),
  retention: Duration.optional().meta({ description: "Points older than this are deleted there; not given: none is." }),
});

const telegrafShape = {
  compat: z.literal("telegraf").optional().meta({
    description:
      "Write beside each point what Telegraf's burrow input wrote: `burrow_group`, `burrow_partition`, `burrow_topic`; to Elasticsearch into indices of their own, `telegraf-` and `index`.",
  }),
  telegraf: z
    .strictObject({
      host: z.string().min(1).max(200).optional().meta({
        description: "Tag `host` of what is written so; not given: none. Shippers of one collector need the same.",
      }),
      owner: z.enum(["tag", "field", "drop"]).default("tag").meta({
        description:
          "A partition's owner as the tag `owner`, as Telegraf had it; as the field `owner_id`, in InfluxDB without a new series at each rebalance; or left out.",
      }),
      rewind_status_code: z.literal([7, 0]).default(7).meta({
        description:
          "`status_code` of REWIND: 7, which a rule such as `> 2` sees; or 0 as Telegraf wrote it, for rules that are made on that.",
      }),
    })
    .optional(),
};

const TELEGRAF_WITHOUT_COMPAT = "telegraf says how compat: telegraf is written, and that is not set";

const isTelegrafSet = ({ compat, telegraf }: { readonly compat?: unknown; readonly telegraf?: unknown }): boolean =>
  telegraf === undefined || compat !== undefined;

export const ElasticsearchSinkConfig = z
  .strictObject({
    type: z.literal("elasticsearch").meta({ description: "Elasticsearch 8 and 9, or OpenSearch 2 and 3." }),
    url: url("https://es:9200"),
    api_key_file: z.string().optional().meta({ description: "File with the API key; read for each request." }),
    admin_api_key_file: z.string().optional().meta({
      description: "File with the API key of provisioning and of our own daily delete; where absent, theirs is ours.",
    }),
    index: z
      .string()
      .regex(/^[a-z][a-z0-9_-]{0,99}$/, { message: "small letters, digits, - and _" })
      .default("tidemark")
      .meta({ description: "What the names of the daily indices, and of the template, begin with." }),
    layout: z.enum(["auto", "time_series", "plain"]).default("auto").meta({
      description:
        "How provisioning makes the indices: time_series where the server can, else plain with ids of our own.",
    }),
    ...telegrafShape,
    lifecycle_policy: z
      .string()
      .optional()
      .meta({ description: "A lifecycle policy of your own for the indices, instead of one made from the retention." }),
    ...remoteShape(2_000),
    from,
    partition_points: partitionPoints("all"),
    ...selectionShape,
  })
  .refine(({ username, password_file: file }) => (username === undefined) === (file === undefined), {
    message: "username and password_file go together",
  })
  .refine(isTelegrafSet, { message: TELEGRAF_WITHOUT_COMPAT });
export type ElasticsearchSinkConfig = z.output<typeof ElasticsearchSinkConfig>;

export const InfluxSinkConfig = z
  .strictObject({
    type: z.literal("influxdb").meta({ description: "InfluxDB 1.x, 2.x or 3." }),
    url: url("http://influx:8086"),
    api: z.enum(["v1", "v2"]).default("v2").meta({
      description: "v2: /api/v2/write of 1.8, 2.x and 3; v1: /write of 1.x.",
    }),
    database: z.string().min(1).default("tidemark").meta({ description: "Database, or bucket in 2.x." }),
    retention_policy: z
      .string()
      .optional()
      .meta({ description: "Retention policy of the database in 1.x; where absent, its default." }),
    org: z.string().default("").meta({ description: "Organisation, in 2.x." }),
    token_file: z
      .string()
      .optional()
      .meta({ description: 'File with the token (for 1.8 "name:password"); read for each request.' }),
    admin_token_file: z
      .string()
      .optional()
      .meta({ description: "File with the token of provisioning; where absent, it is the other." }),
    ...telegrafShape,
    ...remoteShape(BATCH_POINTS_MAX),
    from,
    partition_points: partitionPoints("all"),
    ...selectionShape,
  })
  .refine(({ username, password_file: file }) => (username === undefined) === (file === undefined), {
    message: "username and password_file go together",
  })
  .refine(isTelegrafSet, { message: TELEGRAF_WITHOUT_COMPAT });
export type InfluxSinkConfig = z.output<typeof InfluxSinkConfig>;

const StdoutSinkConfig = z.strictObject({
  type: z.literal("stdout").meta({ description: "Lines to standard output; the log is on standard error." }),
  format: z.enum(["influx", "ndjson"]).default("influx").meta({
    description: "influx: line protocol, with times in nanoseconds; ndjson: a JSON object a line.",
  }),
  from,
  partition_points: partitionPoints("all"),
  ...selectionShape,
});

export const SinkConfig = z.discriminatedUnion("type", [
  SqliteSinkConfig,
  ElasticsearchSinkConfig,
  InfluxSinkConfig,
  StdoutSinkConfig,
]);
export type SinkConfig = z.output<typeof SinkConfig>;

/** Sinks by their names; a sink's place in the spool is kept under its name. */
export const SinksConfig = z
  .record(z.string().min(1), SinkConfig)
  .prefault({})
  .transform(
    (sinks): Record<string, SinkConfig> =>
      Object.keys(sinks).length > 0 ? sinks : { local: SqliteSinkConfig.parse({ type: "sqlite" }) },
  )
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
  jitter: Duration.prefault("0s").meta({
    description:
      "A tick is taken up to this much later, by chance, so that several shippers do not write to one store in the same moment.",
  }),
  instance: z.string().min(1).max(200).optional().meta({
    description: "Name of this shipper in its heartbeats; not given: the name of its host. Two on one host need two.",
  }),
  data_dir: z.string().default("./data").meta({ description: "Folder of the spool and of embedded histories." }),
  spool: z
    .strictObject({
      bytes_max: ByteSize.prefault("10GiB").meta({
        description: "Disk the spool may use, at least 16MiB; beyond, the oldest batch is dropped and counted.",
      }),
      age_max: Duration.prefault("72h").meta({
        description: "Points older than this are dropped and counted; keep it below the retention of every sink.",
      }),
      free_disk_min: Share.prefault("5%").meta({
        description: "Share of the disk that the spool leaves free, whoever fills it; 16MiB it may have in any case.",
      }),
      removed_sink_max: Duration.prefault("24h").meta({
        description: "How long a sink that is no longer configured keeps its place, and its points.",
      }),
    })
    .prefault({}),
} as const;
