/**
 * # What stands between us and a cluster
 *
 * Asked once, by somebody who waits for it: which of the brokers answer, at the addresses we are given and at those they tell;
 * which of our requests they know; and what we may read. Nothing is changed, and no topic is made.
 */

import type { Finding } from "../../runtime/finding.ts";
import { fail, ok, warn } from "../../runtime/finding.ts";
import type { Logger } from "../../runtime/logger.ts";
import type { ClusterConfig } from "../config.ts";
import { consumerGroupDescribeApi } from "../protocol/consumer-group-describe.ts";
import { describeConfigsApi } from "../protocol/describe-configs.ts";
import { describeGroupsApi } from "../protocol/describe-groups.ts";
import { fetchApi } from "../protocol/fetch.ts";
import { listGroupsApi } from "../protocol/list-groups.ts";
import { listOffsetsApi } from "../protocol/list-offsets.ts";
import { metadataApi } from "../protocol/metadata.ts";
import { offsetFetchApi } from "../protocol/offset-fetch.ts";
import { shareGroupDescribeApi } from "../protocol/share-group-describe.ts";
import { streamsGroupDescribeApi } from "../protocol/streams-group-describe.ts";
import { isInTheClear } from "../security/in-the-clear.ts";
import type { Security } from "../security/security.ts";
import { securityOf } from "../security/security.ts";
import type { Listing } from "./examine-rights.ts";
import { examineRights } from "./examine-rights.ts";
import { createBrokerFactory } from "./kafkajs.ts";
import type { CallOutcome, KafkaLink, NodeAddress } from "./link.ts";
import { createKafkaLink } from "./link.ts";
import { OFFSETS_TOPIC } from "./topology.ts";

export interface ExamineOptions {
  readonly config: ClusterConfig;
  /** For a connection, and for an answer. */
  readonly timeoutMs: number;
  readonly nowMs: () => number;
  readonly logger: Logger;
}

export async function examineCluster(options: ExamineOptions): Promise<readonly Finding[]> {
  const { config, nowMs, logger, timeoutMs } = options;
  const clock = { nowMs, monotonicMs: nowMs };
  const security = securityOf({ tls: config.tls, sasl: config.sasl, clock, logger });
  const factory = createBrokerFactory({ clientId: "tidemark-check", security, logger, timeoutMs });
  const linkTo = (brokers: readonly string[]) => createKafkaLink({ brokers, factory, nowMs, logger });
  const seeds = await Promise.all(config.brokers.map((seed) => knock(linkTo([seed]), seed)));
  const bootstrap = [...bootstrapFindings(seeds), ...certificateFindings(security, nowMs()), ...clearFindings(config)];
  const answering = seeds.flatMap(({ seed, outcome }) => (outcome.kind === "answered" ? [seed] : []));
  if (answering.length === 0) return bootstrap;
  await using link = linkTo(answering);
  const metadata = await link.callAny(metadataApi, { topics: undefined });
  if (metadata.kind !== "answered") {
    const remedy = "look at the brokers' log for this client";
    return [...bootstrap, fail("metadata", `the list of topics does not come: ${metadata.cause.message}`, remedy)];
  }
  const { brokers, topics } = metadata.response;
  link.setNodes(brokers);
  const listings = await Promise.all(brokers.map(async (node) => ({ node, outcome: await listed(link, node) })));
  return [
    ...bootstrap,
    ...brokerFindings(listings),
    await abilities(link, brokers, config.source),
    ...(await examineRights({ link, config, principal: principalOf(config, security), topics, listings })),
  ];
}

const EXPIRES_SOON_MS = 14 * 86_400_000;

/** It is looked at when a connection begins: one that is open outlives it, and the next one fails. */
function certificateFindings(security: Security, nowMs: number): readonly Finding[] {
  const own = security.own();
  if (own === undefined) return [];
  const until = `${own.subject} is valid until ${new Date(own.validToMs).toISOString()}`;
  if (own.validToMs <= nowMs) return [fail("our certificate", `${until}: it has expired`, "renew `tls.cert_file`")];
  if (own.validToMs - nowMs > EXPIRES_SOON_MS) return [ok("our certificate", until)];
  return [warn("our certificate", until, "renew `tls.cert_file`; a new one counts without a restart")];
}

function clearFindings(config: ClusterConfig): readonly Finding[] {
  if (!isInTheClear(config)) return [];
  return [
    warn("sasl", "without `tls` the password, or the token, can be read on the network", "set `tls`, or use SCRAM"),
  ];
}

/** As a broker names us unless it has rules of its own; of a token only its issuer knows. */
function principalOf({ sasl }: ClusterConfig, security: Security): string {
  if (sasl !== undefined) return "username" in sasl ? `User:${sasl.username}` : "User:SUBJECT-OF-THE-TOKEN";
  return `User:${security.own()?.subject ?? "ANONYMOUS"}`;
}

interface Seed {
  readonly seed: string;
  readonly outcome: CallOutcome<unknown>;
}

async function knock(link: KafkaLink, seed: string): Promise<Seed> {
  await using _closed = link;
  return { seed, outcome: await link.callAny(metadataApi, { topics: [OFFSETS_TOPIC] }) };
}

function bootstrapFindings(seeds: readonly Seed[]): readonly Finding[] {
  const answering = seeds.filter(({ outcome }) => outcome.kind === "answered").length;
  const silent = seeds.flatMap(({ seed, outcome }) => {
    if (outcome.kind === "answered") return [];
    const finding = answering === 0 ? fail : warn;
    return [finding(`broker ${seed}`, outcome.cause.message, REMEDIES[outcome.kind])];
  });
  if (answering === 0) return silent;
  return [ok("bootstrap", `${answering} of ${seeds.length} configured brokers answer`), ...silent];
}

const REMEDIES = {
  unreachable: "mend its address in `brokers`, the network between, or `tls`: both sides must speak TLS, or neither",
  refused: "mend `sasl` or `tls`: mechanism, user name and password, or our certificate",
  unsupported: "no broker below 2.1 is spoken with",
} as const;

function listed(link: KafkaLink, { nodeId }: NodeAddress): Promise<Listing["outcome"]> {
  return link.call(nodeId, listGroupsApi, {});
}

const SAID_MAX = 10;

function brokerFindings(listings: readonly Listing[]): readonly Finding[] {
  const silent = listings.flatMap(({ node, outcome }) => {
    if (outcome.kind !== "unreachable" && outcome.kind !== "refused") return [];
    const where = `${node.host}:${node.port}`;
    const remedy = `the brokers tell this address themselves (advertised.listeners): it must be right, and open, from here`;
    return [fail(`broker ${node.nodeId}`, `${where} does not answer: ${outcome.cause.message}`, remedy)];
  });
  const answering = listings.length - silent.length;
  const all = ok("brokers", `${answering} of ${listings.length} brokers of the cluster answer`);
  return [...(answering > 0 ? [all] : []), ...silent.slice(0, SAID_MAX)];
}

/** What we send, and what is not known without it. */
const ABILITIES = [
  { api: fetchApi, needed: true, without: "nothing is known of commits" },
  { api: listOffsetsApi, needed: true, without: "there is no end offset, and so no lag" },
  { api: offsetFetchApi, needed: true, without: "there are no committed offsets to begin with, and none to poll" },
  { api: listGroupsApi, needed: true, without: "groups without commits are not seen" },
  { api: describeGroupsApi, needed: true, without: "members are not known" },
  { api: describeConfigsApi, needed: false, without: "seconds to data loss are not known" },
  { api: consumerGroupDescribeApi, needed: false, without: "there are no groups of the new protocol" },
  { api: shareGroupDescribeApi, needed: false, without: "there are no share groups" },
  { api: streamsGroupDescribeApi, needed: false, without: "there are no streams groups" },
] as const;

async function abilities(
  link: KafkaLink,
  brokers: readonly NodeAddress[],
  source: ClusterConfig["source"],
): Promise<Finding> {
  const lacks = await Promise.all(
    ABILITIES.filter(({ api }) => api !== fetchApi || source === "offsets_topic").map(
      async ({ api, needed, without }) => {
        const versions = await Promise.all(brokers.map(({ nodeId }) => link.versionOf(nodeId, api)));
        // A broker that does not answer is said elsewhere; one that knows Metadata is one that has told its versions.
        const known = await Promise.all(brokers.map(({ nodeId }) => link.versionOf(nodeId, metadataApi)));
        const lacking = brokers.filter((_, at) => known[at] !== undefined && versions[at] === undefined);
        return lacking.length === 0 ? [] : [{ needed, said: `${api.name} (${idsOf(lacking)}: ${without})` }];
      },
    ),
  );
  const lacking = lacks.flat();
  if (lacking.length === 0) return ok("requests", "they know every request that we send");
  const detail = `they do not know ${lacking.map(({ said }) => said).join(", ")}`;
  if (!lacking.some(({ needed }) => needed)) return ok("requests", detail);
  return fail("requests", detail, "these brokers are older than what Tidemark speaks with: 2.8 and newer are tested");
}

function idsOf(brokers: readonly NodeAddress[]): string {
  const ids = brokers.map(({ nodeId }) => nodeId).slice(0, SAID_MAX);
  const more = brokers.length > ids.length ? ` and ${brokers.length - ids.length} more` : "";
  return `broker ${ids.join(", ")}${more}`;
}
