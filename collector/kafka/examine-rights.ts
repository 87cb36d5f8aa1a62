/**
 * # What we may read of a cluster
 *
 * Each right is tried by the request that needs it: an authoriser that hides what we may not see answers as if it were not
 * there, so an empty answer is told as what it may be. What is missing is said with the command that grants it.
 */

import type { Finding } from "../../runtime/finding.ts";
import { fail, ok, warn } from "../../runtime/finding.ts";
import type { ClusterConfig } from "../config.ts";
import { describeConfigsApi } from "../protocol/describe-configs.ts";
import { ERROR_CODE, errorName } from "../protocol/errors.ts";
import type { MetadataTopic } from "../protocol/metadata.ts";
import { metadataApi } from "../protocol/metadata.ts";
import { offsetFetchApi } from "../protocol/offset-fetch.ts";
import { fetchLogs } from "./fetch-logs.ts";
import type { CallOutcome, KafkaLink, NodeAddress } from "./link.ts";
import { OFFSETS_TOPIC } from "./topology.ts";

/** What a broker says of the groups that it coordinates. */
export interface Listing {
  readonly node: NodeAddress;
  readonly outcome: CallOutcome<{
    readonly error: number;
    readonly groups: readonly { readonly group: string; readonly type: string | undefined }[];
  }>;
}

export interface RightsAsked {
  readonly link: KafkaLink;
  readonly config: ClusterConfig;
  /** Whom a broker takes us for, as far as we can know. */
  readonly principal: string;
  readonly topics: readonly MetadataTopic[];
  readonly listings: readonly Listing[];
}

export async function examineRights(asked: RightsAsked): Promise<readonly Finding[]> {
  const findings = await Promise.all([offsetsTopic(asked), topics(asked), configs(asked), groups(asked)]);
  return findings.flat();
}

/** The command that grants it to us, as an administrator would type it: in a shell, where names may have a quote. */
function grant({ config, principal }: RightsAsked, { operations, on }: { operations: readonly string[]; on: string }) {
  const allowed = operations.map((operation) => `--operation ${operation}`).join(" ");
  const who = `'${principal.replaceAll("'", `'\\''`)}'`;
  return `kafka-acls.sh --bootstrap-server ${config.brokers[0]} --add --allow-principal ${who} ${allowed} ${on}`;
}

async function offsetsTopic(rights: RightsAsked): Promise<Finding> {
  const { link, config } = rights;
  const what = `topic ${OFFSETS_TOPIC}`;
  if (config.source === "polling")
    return ok(what, `not needed: commits are polled each ${config.poll_interval / 1_000} s`);
  const granted = grant(rights, { operations: ["Describe", "Read"], on: `--topic ${OFFSETS_TOPIC}` });
  const remedy = `${granted}; or set \`source: polling\`, which does without`;
  const outcome = await link.callAny(metadataApi, { topics: [OFFSETS_TOPIC] });
  if (outcome.kind !== "answered") return unanswered(what, outcome.cause);
  const [topic] = outcome.response.topics;
  if (topic?.error === ERROR_CODE.TOPIC_AUTHORIZATION_FAILED) return fail(what, "we may not describe it", remedy);
  const led = topic?.partitions.find(({ leaderNodeId }) => leaderNodeId !== undefined);
  if (led?.leaderNodeId === undefined) {
    if ((topic?.partitions.length ?? 0) > 0)
      return fail(what, "none of its partitions has a leader", "look at the brokers");
    const committed = (await offsetsOfSome(rights)).filter(({ offsets }) => offsets > 0).length;
    if (committed > 0)
      return fail(
        what,
        `it is hidden: ${committed} groups have offsets, and there is no such topic`,
        "set `source: polling`",
      );
    return warn(what, "there is none", "it is made with the first commit of any group; nothing has to be done");
  }
  const { leaderNodeId: nodeId, partition } = led;
  const asked = [{ partition, position: 0, partitionBytesMax: 1 }];
  const fetched = await fetchLogs(link, { nodeId, asked, waitMs: 0 });
  if (fetched.kind === "failed") return fail(what, `reading it fails: ${fetched.reason}`, "look at the brokers");
  const error = fetched.partitions[0]?.error ?? ERROR_CODE.NONE;
  if (error === ERROR_CODE.TOPIC_AUTHORIZATION_FAILED) return fail(what, "we may not read it", remedy);
  // Its beginning may be gone: then the answer is that of one who may read it.
  if (error === ERROR_CODE.NONE || error === ERROR_CODE.OFFSET_OUT_OF_RANGE) return ok(what, "we may read it");
  return warn(what, `reading it answers ${errorName(error)}`, "look again in a minute; a leader may have moved");
}

function unanswered(what: string, cause: Error): Finding {
  return fail(what, `no answer: ${cause.message}`, "look at the brokers");
}

async function topics(rights: RightsAsked): Promise<Finding> {
  const visible = watched(rights.topics);
  if (visible.length > 0) return ok("topics", `${visible.length} are visible`);
  const remedy = grant(rights, { operations: ["Describe"], on: "--topic '*'" });
  const groupsListed = listed(rights).reduce((sum, { groups: some }) => sum + some.length, 0);
  if (groupsListed > 0)
    return fail("topics", `none is visible, and groups are: ${groupsListed}, whose topics we may not describe`, remedy);
  return warn("topics", "none is visible: either there is none, or we may not describe them", remedy);
}

function listed({ listings }: RightsAsked) {
  return listings.flatMap(({ outcome }) => (outcome.kind === "answered" ? [outcome.response] : []));
}

function watched(told: readonly MetadataTopic[]): readonly string[] {
  return told.flatMap(({ topic, error }) => (topic === OFFSETS_TOPIC || isHidden(error) ? [] : [topic]));
}

function isHidden(error: number): boolean {
  return error === ERROR_CODE.TOPIC_AUTHORIZATION_FAILED || error === ERROR_CODE.UNKNOWN_TOPIC_OR_PARTITION;
}

/** Of many topics, as many as say enough. */
const TOPICS_ASKED_MAX = 200;

async function configs(rights: RightsAsked): Promise<readonly Finding[]> {
  const { link, topics: told } = rights;
  const names = watched(told).slice(0, TOPICS_ASKED_MAX);
  if (names.length === 0) return [];
  const what = "topic configurations";
  const outcome = await link.callAny(describeConfigsApi, { topics: names, keys: ["retention.ms"] });
  if (outcome.kind === "unsupported") return [];
  if (outcome.kind !== "answered") return [unanswered(what, outcome.cause)];
  const denied = outcome.response.topics.filter(({ error }) => error !== ERROR_CODE.NONE);
  if (denied.length === 0) return [ok(what, "we may read them")];
  const detail = `we may not read those of ${denied.length} of ${names.length} topics: when unread records go is not known`;
  return [warn(what, detail, grant(rights, { operations: ["DescribeConfigs"], on: "--topic '*'" }))];
}

/** Of each broker, as many as say enough; one a request, so that any version can be asked. */
const GROUPS_ASKED_MAX = 5;

/** What some groups answer when they are asked for their offsets. */
async function offsetsOfSome({ link, listings }: RightsAsked) {
  const asked = listings.flatMap(({ node, outcome }) =>
    outcome.kind !== "answered"
      ? []
      : outcome.response.groups
          .filter(({ type }) => type?.toLowerCase() !== "share")
          .slice(0, GROUPS_ASKED_MAX)
          .map(({ group }) => ({ nodeId: node.nodeId, group })),
  );
  return Promise.all(
    asked.map(async ({ nodeId, group }) => {
      const outcome = await link.call(nodeId, offsetFetchApi, { groups: [group] });
      const [told] = outcome.kind === "answered" ? outcome.response.groups : [];
      return { error: told?.error, offsets: told?.offsets.length ?? 0 };
    }),
  );
}

async function groups(rights: RightsAsked): Promise<Finding> {
  const { config } = rights;
  const what = "groups";
  const remedy = grant(rights, { operations: ["Describe"], on: "--group '*'" });
  const answers = listed(rights);
  const refused = answers.find(({ error }) => error === ERROR_CODE.CLUSTER_AUTHORIZATION_FAILED);
  if (refused !== undefined) return fail(what, "we may not list them", remedy);
  const visible = answers.reduce((sum, { groups: some }) => sum + some.length, 0);
  if (visible === 0) return warn(what, "none is visible: either there is none, or we may not describe them", remedy);
  const asked = await offsetsOfSome(rights);
  const denied = asked.filter(({ error }) => error === ERROR_CODE.GROUP_AUTHORIZATION_FAILED).length;
  if (denied > 0)
    return fail(what, `${visible} are listed, but ${denied} of ${asked.length} do not tell us their offsets`, remedy);
  // OffsetFetch leaves out, without a word, what is of topics that we may not describe.
  const silent = asked.every(({ error, offsets }) => error === ERROR_CODE.NONE && offsets === 0);
  if (config.source === "offsets_topic" || !silent || watched(rights.topics).length === 0)
    return ok(what, `${visible} are visible`);
  const detail = `${visible} are visible, and none of ${asked.length} that we asked has an offset: none may be committed, or we may not describe their topics`;
  return warn(what, detail, grant(rights, { operations: ["Describe"], on: "--topic '*'" }));
}
