/**
 * # The collector's part of the configuration
 */

import { z } from "zod";
import { ByteSize, Duration, Share } from "../runtime/config/units.ts";
import { ListenAddress } from "../runtime/http/listen.ts";
import { SERVED_SHAPE } from "../runtime/http/served-config.ts";
import { problemOfRule } from "../runtime/name-filter.ts";
import { SaslConfig, TlsConfig } from "./security/security-config.ts";

/** How many lists of names are plausible; each new name is held against all of them. */
const RULES_MAX = 1_000;

const NameRules = z
  .array(
    z.string().superRefine((rule, check) => {
      const problem = problemOfRule(rule);
      if (problem !== undefined) check.addIssue({ code: "custom", message: problem });
    }),
  )
  .max(RULES_MAX);

const WATCHED_NAMES = {
  groups: NameRules.optional().meta({
    description:
      'Groups to watch: names, patterns with * and ?, and /regular expressions/; "!" in front leaves out (docs/clusters.md).',
  }),
  topics: NameRules.optional().meta({ description: "Topics to watch, in the same way." }),
};

const BrokerAddress = z.string().regex(/^(\[[0-9a-fA-F:.]+\]|[^:\s]+):\d{1,5}$/, "must be host:port");

const CADENCE_MS_MIN = 100;

/** What is done again and again: without a time in between it would be done without end. */
const Cadence = Duration.refine((ms) => ms >= CADENCE_MS_MIN, `must be at least ${CADENCE_MS_MIN}ms`);

function namesNoUser(text: string): boolean {
  const url = URL.parse(text);
  return url?.username === "" && url.password === "";
}

const BurrowConfig = z.strictObject({
  url: z
    .url({ protocol: /^https?$/ })
    .refine(namesNoUser, "must be without a user and a password: they are not sent, and the URL is logged")
    .meta({ description: "Its address, such as `http://burrow:8000`; for `https:` the options of `tls` hold." }),
  cluster: z.string().optional().meta({
    description: "What it calls the cluster; our name for it in lower case where absent, since Burrow knows no other.",
  }),
  timeout: Cadence.default(5_000).meta({ description: "Time for one answer." }),
  requests_at_once: z.int().min(1).max(64).default(8).meta({ description: "Requests under way, at most." }),
});

export const ClusterConfig = z
  .strictObject({
    brokers: z
      .array(BrokerAddress)
      .default([])
      .meta({ description: "Some brokers, host:port; the others are learnt from them. None with `source: burrow`." }),
    tls: TlsConfig.optional().meta({ description: "TLS to the brokers; `{}` for the system's authorities." }),
    sasl: SaslConfig.optional().meta({ description: "How we authenticate." }),
    source: z.enum(["offsets_topic", "polling", "burrow"]).default("offsets_topic").meta({
      description:
        "Where commits are learnt from: `__consumer_offsets`, polls of OffsetFetch where a cluster hides it, or an existing Burrow (docs/sources.md).",
    }),
    poll_interval: Cadence.default(10_000).meta({
      description: "Time between two polls of a group, with `source: polling` or, at most 10 s, `burrow`.",
    }),
    ...WATCHED_NAMES,
    burrow: BurrowConfig.optional().meta({ description: "The Burrow of `source: burrow`." }),
  })
  .refine(({ source, brokers }) => source === "burrow" || brokers.length > 0, {
    path: ["brokers"],
    message: "name at least one broker",
  })
  .refine(({ source, burrow }) => (source === "burrow") === (burrow !== undefined), {
    path: ["burrow"],
    message: "`source: burrow` and the options of `burrow` go together",
  });

export const ClusterDefaults = z
  .strictObject(WATCHED_NAMES)
  .meta({ description: "What holds for clusters that say nothing of their own." });
export type ClusterConfig = z.output<typeof ClusterConfig>;

export const EvaluateConfig = z.strictObject({
  interval: Cadence.default(10_000).meta({ description: "Time between two ticks." }),
  window: z.int().min(1).max(255).default(10).meta({ description: "Commits kept per group-partition." }),
  burrow: z
    .strictObject({
      offset_refresh: Cadence.default(10_000).meta({
        description: "Time between two end offsets of the strict rules.",
      }),
      min_distance: Duration.default(0).meta({ description: "Commits closer than this are merged, as Burrow does." }),
      expire_group: Duration.default(604_800_000).meta({
        description: "A group without commits for this long is forgotten.",
      }),
      minimum_complete: z
        .number()
        .min(0)
        .max(1)
        .default(0)
        .meta({ description: "Below this share of a window, OK is assumed." }),
      allowed_lag: z.int().min(0).default(0).meta({ description: "Lag up to this many records is as good as none." }),
    })
    .prefault({})
    .meta({ description: "Options of Burrow's rules, for `/v3` and `burrow_status`." }),
});
export type EvaluateConfig = z.output<typeof EvaluateConfig>;

export const ObjectivesConfig = z
  .array(
    z
      .strictObject({
        groups: z
          .string()
          .min(1)
          .meta({ description: "Names of groups; `*` stands for any text, `?` for a character." }),
        time_lag: Duration.meta({ description: "How old the oldest record that a group has not read may be." }),
        target: Share.prefault("99%").meta({ description: "Share of the time in which that holds, such as `99%`." }),
      })
      .transform(({ groups, time_lag: timeLagMs, target }) => ({ groups, timeLagMs, target })),
  )
  .default([])
  .meta({ description: "What groups owe their users; of several that fit a group, the first counts." });

const WATERMARKS_EVERY_MS_MAX = 10_000;
const RECORD_BYTES_MIN = 8_388_608;

const RecordConfig = z.strictObject({
  dir: z.string().optional().meta({
    description:
      "Folder for traces, a file a cluster and the one before it (docs/trace.md); without it nothing is recorded.",
  }),
  bytes_max: ByteSize.refine((bytes) => bytes >= RECORD_BYTES_MIN, "must be at least 8MiB")
    .default(67_108_864)
    .meta({ description: "Disk for the traces of a cluster; the oldest half is dropped when it is full." }),
  watermarks_every: Cadence.refine(
    (ms) => ms <= WATERMARKS_EVERY_MS_MAX,
    "must be at most 10s, since older ones are stale",
  )
    .default(10_000)
    .meta({
      description:
        "Time between two recorded end offsets of a partition, at most `evaluate.burrow.offset_refresh`; at `2s` or less every one is recorded.",
    }),
});
export type RecordConfig = z.output<typeof RecordConfig>;

/** Whose metric names there are beside ours. */
export const Compat = z.enum(["burrow", "kafka_exporter", "kafka_lag_exporter"]);
export type Compat = z.output<typeof Compat>;

const SERIES_MIN = 1_000;

export const CollectorConfig = z.strictObject({
  listen: ListenAddress.prefault("127.0.0.1:8000").meta({ description: "Where the collector serves; host:port." }),
  ...SERVED_SHAPE,
  feed_bytes_max: ByteSize.default(33_554_432).meta({ description: "Memory for the newest ticks." }),
  data_dir: z.string().optional().meta({
    description: "Folder for saved windows, so that a restart is not a beginning; none are saved without it.",
  }),
  group_partitions_max: z.int().min(1).default(1_000_000).meta({
    description: "Partitions of groups that are kept, some 400 bytes each; of those that come later none is.",
  }),
  replay: Duration.default(600_000).meta({
    description: "How far back windows are rebuilt before a verdict is given.",
  }),
  backfill: z.boolean().default(true).meta({ description: "Then read what is older, too, in the background." }),
  compat: z
    .array(Compat)
    .default([])
    .meta({ description: "Other tools' metric names that `/metrics` has beside its own (docs/metrics.md)." }),
  series_max: z.int().min(SERIES_MIN).default(1_000_000).meta({
    description:
      "Series of groups, partitions and topics in `/metrics`; beyond it healthy groups lose their partitions first, and what is left out is counted.",
  }),
  record: RecordConfig.prefault({}).meta({ description: "What is observed, written down as a trace." }),
});
export type CollectorConfig = z.output<typeof CollectorConfig>;
