/**
 * # An API of a broker
 */

import type { ClusterView } from "../cluster/cluster.ts";
import type { ByteWriter } from "../cluster/offsets-log/byte-writer.ts";
import { ERROR } from "./errors.ts";
import type { Faults } from "./faults.ts";
import type { RequestReader } from "./request-reader.ts";

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** The broker that answers, and what it knows. */
export interface BrokerContext {
  readonly broker: number;
  readonly view: ClusterView;
  readonly faults: Faults;
  /** Where each broker listens, by its id; also of those that are down. */
  readonly endpoints: ReadonlyMap<number, Endpoint>;
  /** Brokers that are up, ascending; the first is the controller. */
  readonly alive: () => readonly number[];
}

export interface Call {
  readonly version: number;
  readonly request: RequestReader;
  readonly answer: ByteWriter;
  readonly context: BrokerContext;
  /** Milliseconds that the client is asked to wait: the first field of most answers. */
  readonly throttleMs: number;
  /** Aborts when the connection ends. */
  readonly signal: AbortSignal;
}

export interface Api {
  readonly key: number;
  readonly name: string;
  /** First version whose bodies are flexible. */
  readonly flexibleFrom: number;
  /** Reads the request to its end and writes the answer's body. */
  readonly handle: (call: Call) => void | Promise<void>;
}

/** The code of a fault on this answer, or on what it says of the given; `ERROR.none` where there is none. */
export function faultCode(
  { faults, broker }: BrokerContext,
  api: string,
  of: { readonly topic?: string; readonly partition?: number; readonly group?: string } = {},
): number {
  const fault = faults.find(
    "error",
    (one) =>
      one.api === api &&
      (one.broker ?? broker) === broker &&
      one.topic === (one.topic === undefined ? undefined : of.topic) &&
      (one.partition === undefined || one.partition === of.partition) &&
      one.group === (one.group === undefined ? undefined : of.group),
  );
  return fault?.code ?? ERROR.none;
}

export function isTopicDenied({ faults }: BrokerContext, topic: string): boolean {
  return faults.find("deny-topic", (one) => one.topic === topic) !== undefined;
}

export function isGroupDenied({ faults }: BrokerContext, group: string): boolean {
  return faults.find("deny-group", (one) => one.group === group) !== undefined;
}

/** Why this broker does not speak for the group; `ERROR.none` where it does. */
export function coordinatorError(context: BrokerContext, api: string, group: string): number {
  const { broker, view, faults } = context;
  if (isGroupDenied(context, group)) return ERROR.groupAuthorizationFailed;
  if (coordinatorOf(view, group) !== broker) return ERROR.notCoordinator;
  if (faults.find("loading", (one) => one.broker === broker) !== undefined) return ERROR.coordinatorLoading;
  return faultCode(context, api, { group });
}

/** Leader of the group's partition of the offsets topic; -1: none. */
export function coordinatorOf(view: ClusterView, group: string): number {
  return view.partition("__consumer_offsets", view.logPartitionOf(group))?.leader ?? -1;
}
