/** # What the command line says of itself */

import { VERSION } from "./version.ts";

export const HELP = `tidemark ${VERSION}: watches every Kafka consumer group and keeps the history

  tidemark demo [--port 8000]        all of it beside a simulated cluster, with incidents that come and go
  tidemark collector --config FILE   read Kafka, judge groups, serve /v3, /v4, /metrics
  tidemark shipper --config FILE     read a collector's feed, write history into the sinks
  tidemark all --config FILE         both in one process, with the page at /
  tidemark check --config FILE       what stands between this configuration and a run; says what to do
  tidemark provision --config FILE   make the templates and databases that the sinks need
  tidemark dlq list|show|replay|purge  the points that a sink refused for good; the shipper has to be stopped
  tidemark migrate burrow --from FILE  a Burrow's configuration as ours, with what has no place in it
  tidemark deploy --group G --name N   keep where a group is, now: the place to roll back to
  tidemark offsets diff|export --group G  what going back to a deploy means; its offsets for Kafka's own tool
  tidemark replay --trace FILE       judge a recorded or simulated trace; FILE may be - for standard input

  --cluster C     deploy, offsets: needed where the collector watches several
  --config FILE   the configuration; tidemark.yaml where it is not given (replay: the defaults)
  --deploy D      offsets: its id or its name; the newest where it is not given
  --dry-run       provision, dlq replay, dlq purge: say what would be done, and do nothing
  --every-tick    replay: every group at every tick, not only what changed
  --force         provision: also make anew what was edited by hand
  --from FILE     migrate: the other tool's configuration
  --json          check, offsets diff: one JSON object instead of lines
  --lenient       replay: count lines that cannot be read, instead of ending at the first
  --once          shipper, all: ship what there is, and end; 0 where every sink has every point
  --reason TEXT   dlq: of those alone whose reason holds the text
  --release V     deploy: its version
  --scenario FILE demo: a cluster of your own instead of the built-in one
  --seconds N     demo: end by itself, 0 where every incident was judged, shipped and read back
  --seed N        demo: the same number, the same cluster (1)
  --since TIME    dlq: refused since then: 2026-11-21T03:00Z, or 2h for two hours ago; --until TIME, before then
  --sink NAME     dlq, --test: of this sink only
  --url URL       deploy, offsets: the collector, instead of the configuration's; its token is in --token-file FILE
  --test          shipper, all: print the points of the newest tick as line protocol, and write nothing
  --help          this text
  --version       the version
  --wait 60s      --test, --once: how long to wait for a tick, and for the sinks

A running collector or shipper reads its file anew on SIGHUP and when it changes, and says what needs a restart; SIGUSR1: sinks that wait try now.
Every option of the file can be set as TIDEMARK_COLLECTOR__LISTEN=127.0.0.1:8000 ("__" between levels).
`;
