/**
 * # The routes of /v3
 *
 *     /burrow/admin  /burrow/admin/ready
 *     /v3/kafka
 *     /v3/kafka/{cluster}
 *     /v3/kafka/{cluster}/topic
 *     /v3/kafka/{cluster}/topic/{topic}
 *     /v3/kafka/{cluster}/topic/{topic}/consumers
 *     /v3/kafka/{cluster}/consumer
 *     /v3/kafka/{cluster}/consumer/{group}                   and DELETE
 *     /v3/kafka/{cluster}/consumer/{group}/status
 *     /v3/kafka/{cluster}/consumer/{group}/lag
 *     /v3/kafka/{cluster}/consumer/{group}/topic/{topic}     DELETE alone
 *     /v3/config  /v3/config/{section}  /v3/config/{section}/{name}
 *     /v3/admin/loglevel                                     and POST
 *
 * As linkedin/Burrow v1.9.5 has them (core/internal/httpserver/coordinator.go). PURE.
 */

import type { HttpRequest } from "../../runtime/http/answer.ts";

export const CONFIG_SECTIONS = ["storage", "evaluator", "cluster", "consumer", "notifier"] as const;
export type ConfigSection = (typeof CONFIG_SECTIONS)[number];

export type ClusterRoute =
  | { readonly kind: "topics" | "groups"; readonly cluster: string }
  | { readonly kind: "topic" | "topic-groups"; readonly cluster: string; readonly topic: string }
  | { readonly kind: "group"; readonly cluster: string; readonly group: string }
  | { readonly kind: "status" | "lag"; readonly cluster: string; readonly group: string }
  | { readonly kind: "group-topic"; readonly cluster: string; readonly group: string; readonly topic: string };

export type V3Route =
  | { readonly kind: "alive" | "ready" | "log-level" | "clusters" | "config" }
  | { readonly kind: "cluster"; readonly cluster: string }
  | { readonly kind: "modules"; readonly section: ConfigSection }
  | { readonly kind: "module"; readonly section: ConfigSection; readonly name: string }
  | ClusterRoute;

/** "unknown" where Burrow has no such path; undefined where the path is not Burrow's to answer. */
export function v3RouteOf(path: readonly string[]): V3Route | "unknown" | undefined {
  const [first, ...rest] = path;
  if (first === "burrow") return FIXED.get(path.join("/")) ?? "unknown";
  if (first !== "v3") return undefined;
  const [second, third, ...more] = rest;
  if (second === "kafka" && third !== undefined) return kafkaRoute(third, more);
  if (second === "config" && third !== undefined) return configRoute(third, more);
  return FIXED.get(path.join("/")) ?? "unknown";
}

const FIXED: ReadonlyMap<string, V3Route> = new Map([
  ["burrow/admin", { kind: "alive" }],
  ["burrow/admin/ready", { kind: "ready" }],
  ["v3/kafka", { kind: "clusters" }],
  ["v3/config", { kind: "config" }],
  ["v3/admin/loglevel", { kind: "log-level" }],
]);

function configRoute(section: string, [name, ...more]: readonly string[]): V3Route | "unknown" {
  const known = CONFIG_SECTIONS.find((one) => one === section);
  if (known === undefined || more.length > 0) return "unknown";
  if (name === undefined) return { kind: "modules", section: known };
  return known === "cluster" ? { kind: "cluster", cluster: name } : { kind: "module", section: known, name };
}

function kafkaRoute(cluster: string, rest: readonly string[]): V3Route | "unknown" {
  const [kind, name, what, topic, ...more] = rest;
  if (more.length > 0) return "unknown";
  if (kind === undefined) return { kind: "cluster", cluster };
  if (kind === "topic") return topicRoute(cluster, name, rest.slice(2));
  if (kind !== "consumer") return "unknown";
  if (name === undefined) return { kind: "groups", cluster };
  if (what === "topic" && topic !== undefined) return { kind: "group-topic", cluster, group: name, topic };
  if (topic !== undefined) return "unknown";
  if (what === undefined) return { kind: "group", cluster, group: name };
  return what === "status" || what === "lag" ? { kind: what, cluster, group: name } : "unknown";
}

function topicRoute(
  cluster: string,
  topic: string | undefined,
  [what, ...more]: readonly string[],
): ClusterRoute | "unknown" {
  if (topic === undefined) return { kind: "topics", cluster };
  if (what === undefined) return { kind: "topic", cluster, topic };
  return what === "consumers" && more.length === 0 ? { kind: "topic-groups", cluster, topic } : "unknown";
}

export function methodsOf({ kind }: V3Route): readonly HttpRequest["method"][] {
  switch (kind) {
    case "group":
      return ["GET", "HEAD", "DELETE", "OPTIONS"];
    case "group-topic":
      return ["DELETE", "OPTIONS"];
    case "log-level":
      return ["GET", "HEAD", "POST", "OPTIONS"];
    case "alive":
    case "ready":
    case "clusters":
    case "config":
    case "cluster":
    case "modules":
    case "module":
    case "topics":
    case "groups":
    case "topic":
    case "topic-groups":
    case "status":
    case "lag":
      return ["GET", "HEAD", "OPTIONS"];
  }
}
