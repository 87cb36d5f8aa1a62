/**
 * # The link: one request to one broker
 *
 * Owns the brokers' connections and speaks with each in the newest version that both sides know (KIP-35). Whatever a
 * healthy program can meet is an outcome, not an error: a broker that is away is normal life for a monitor. Requests are
 * counted per API, since their number is our cost to the brokers.
 */

import { asError } from "../../runtime/error.ts";
import type { Logger } from "../../runtime/logger.ts";
import type { Api } from "../protocol/api.ts";
import type { BrokerFactory, KafkajsBroker } from "./kafkajs.ts";
import { connectTo, cutConnections, sendRaw } from "./kafkajs.ts";

export interface NodeAddress {
  readonly nodeId: number;
  readonly host: string;
  readonly port: number;
}

export type CallOutcome<Response> =
  | { readonly kind: "answered"; readonly response: Response; readonly sentAtMs: number }
  /** No connection, no answer in time, or an answer that cannot be read. */
  | { readonly kind: "unreachable"; readonly cause: Error }
  /** It answers, but not to us: wrong credentials, or none. */
  | { readonly kind: "refused"; readonly cause: Error }
  /** The broker knows no version of this request that we know. */
  | { readonly kind: "unsupported"; readonly cause: Error };

export interface KafkaLink extends AsyncDisposable {
  /** Ids of the brokers that the last metadata named, ascending. */
  nodeIds(): readonly number[];
  /** Takes the brokers of a metadata answer; connections to those that went or moved are closed. */
  setNodes(nodes: readonly NodeAddress[]): void;
  /** Sends to one broker. Never rejects. */
  call<Request, Response>(
    nodeId: number,
    api: Api<Request, Response>,
    request: Request,
  ): Promise<CallOutcome<Response>>;
  /** The version of a request that a broker would be sent; undefined until it is connected, or where there is none. */
  versionOf(nodeId: number, api: Pick<Api<never, unknown>, "apiKey" | "versions">): Promise<number | undefined>;
  /** Sends to any broker that answers: those known first, then the configured ones. */
  callAny<Request, Response>(api: Api<Request, Response>, request: Request): Promise<CallOutcome<Response>>;
  /** Requests sent so far, by API name. */
  readonly requests: ReadonlyMap<string, number>;
  /** Brokers whose connections we cut, since they did not answer in time: half open, or hung. */
  connectionsCut(): number;
}

export interface KafkaLinkOptions {
  /** host:port, in the order they are tried. */
  readonly brokers: readonly string[];
  readonly factory: BrokerFactory;
  readonly nowMs: () => number;
  readonly logger: Logger;
}

interface Node {
  readonly address: { readonly host: string; readonly port: number };
  readonly broker: Promise<KafkajsBroker>;
}

export function createKafkaLink({ brokers, factory, nowMs, logger }: KafkaLinkOptions): KafkaLink {
  const open = (address: Node["address"]): Node => ({ address, broker: factory.create(address) });
  const seeds = brokers.map((text) => open(addressOf(text)));
  const nodes = new Map<number, Node>();
  const requests = new Map<string, number>();
  let connectionsCut = 0;
  const send = async <Request, Response>(node: Node, api: Api<Request, Response>, request: Request) => {
    requests.set(api.name, (requests.get(api.name) ?? 0) + 1);
    const broker = await node.broker;
    factory.touch();
    const outcome = await exchange(broker, api, request, { nowMs, failureOf: factory.failureOf });
    if (outcome.kind === "unreachable" && outcome.cause.name === "KafkaJSRequestTimeoutError") {
      cutConnections(broker);
      connectionsCut += 1;
    }
    return outcome;
  };
  return {
    requests,
    connectionsCut: () => connectionsCut,
    nodeIds: () => [...nodes.keys()].toSorted((a, b) => a - b),
    setNodes: (fresh) => replaceNodes({ nodes, fresh, open, logger }),
    call: async (nodeId, api, request) => {
      const node = nodes.get(nodeId);
      if (node === undefined)
        return { kind: "unreachable", cause: new Error(`broker ${nodeId} is not in the metadata`) };
      return send(node, api, request);
    },
    versionOf: async (nodeId, api) => {
      const node = nodes.get(nodeId);
      return node === undefined ? undefined : negotiated(await node.broker, api);
    },
    callAny: async (api, request) => {
      let last: CallOutcome<never> = { kind: "unreachable", cause: new Error("no broker is configured") };
      for (const node of [...nodes.values(), ...seeds]) {
        const outcome = await send(node, api, request);
        if (outcome.kind === "answered") return outcome;
        last = outcome;
      }
      return last;
    },
    [Symbol.asyncDispose]: async () => {
      const all = [...nodes.values(), ...seeds];
      nodes.clear();
      await Promise.all(all.map(closeNode));
    },
  };
}

function addressOf(text: string): Node["address"] {
  const colon = text.lastIndexOf(":");
  return { host: text.slice(0, colon).replace(/^\[|\]$/g, ""), port: Number(text.slice(colon + 1)) };
}

interface Replacement {
  readonly nodes: Map<number, Node>;
  readonly fresh: readonly NodeAddress[];
  readonly open: (address: Node["address"]) => Node;
  readonly logger: Logger;
}

function replaceNodes({ nodes, fresh, open, logger }: Replacement): void {
  const wanted = new Map(fresh.map((node) => [node.nodeId, node]));
  for (const [nodeId, node] of nodes) {
    const address = wanted.get(nodeId);
    if (address?.host === node.address.host && address.port === node.address.port) continue;
    nodes.delete(nodeId);
    closeNode(node).catch((caught: unknown) => {
      logger.debug({ event: "kafka.close-failed", nodeId, err: asError(caught) }, "a connection did not close cleanly");
    });
  }
  for (const { nodeId, host, port } of fresh) if (!nodes.has(nodeId)) nodes.set(nodeId, open({ host, port }));
}

async function closeNode(node: Node): Promise<void> {
  const broker = await node.broker;
  cutConnections(broker);
  await broker.disconnect();
}

async function exchange<Request, Response>(
  broker: KafkajsBroker,
  api: Api<Request, Response>,
  request: Request,
  { nowMs, failureOf }: Pick<KafkaLinkOptions, "nowMs"> & Pick<BrokerFactory, "failureOf">,
): Promise<CallOutcome<Response>> {
  try {
    if (!broker.isConnected() || broker.versions === null) await connectTo(broker);
    const apiVersion = negotiated(broker, api);
    if (apiVersion === undefined)
      return { kind: "unsupported", cause: new Error(`the broker speaks no ${api.name} that we know`) };
    const sentAtMs = nowMs();
    const body = api.encode(apiVersion, request);
    const payload = await sendRaw(broker, { apiKey: api.apiKey, apiName: api.name, apiVersion, body });
    const decoded = api.decode(apiVersion, payload);
    if (decoded.kind === "malformed") return { kind: "unreachable", cause: decoded.error };
    return { kind: "answered", response: decoded.value, sentAtMs };
  } catch (caught) {
    return failureOf(asError(caught));
  }
}

/** The newest version that both sides know. */
function negotiated(broker: KafkajsBroker, api: Pick<Api<never, unknown>, "apiKey" | "versions">): number | undefined {
  const offered = broker.versions?.[api.apiKey];
  if (offered === undefined) return undefined;
  const version = Math.min(offered.maxVersion, api.versions.max);
  return version >= Math.max(offered.minVersion, api.versions.min) ? version : undefined;
}
