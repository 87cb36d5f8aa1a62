/**
 * # kafkajs 2.2.4, reached below its public API
 *
 * kafkajs is the connection layer: TCP, TLS, SASL with re-authentication (KIP-368), throttling (KIP-219), correlation.
 * Its `Broker` connects and authenticates; our own requests go over its connection pool, whose second socket carries
 * Fetch, so that a long poll blocks nothing else. `Cluster` and `BrokerPool` are left out: they refresh metadata by a
 * request that throws on the first partition without a leader. This is the only file that knows the package's inside.
 */

import type { Socket } from "node:net";
import { connect as connectTcp, isIP } from "node:net";
import { connect as connectTls } from "node:tls";
import Broker from "kafkajs/src/broker/index.js";
import connectionPoolBuilder from "kafkajs/src/cluster/connectionPoolBuilder.js";
import loggers from "kafkajs/src/loggers/index.js";
import Connection from "kafkajs/src/network/connection.js";
import RequestQueue from "kafkajs/src/network/requestQueue/index.js";
import Encoder from "kafkajs/src/protocol/encoder.js";
import { asError } from "../../runtime/error.ts";
import type { Logger } from "../../runtime/logger.ts";
import type { Security } from "../security/security.ts";
import type { Failure } from "./failure-words.ts";
import { failureOf } from "./failure-words.ts";

export type KafkajsBroker = InstanceType<typeof Broker>;

const CONNECT_TIMEOUT_MS = 10_000;
export const REQUEST_TIMEOUT_MS = 15_000;

export interface BrokerFactory {
  /** A broker that connects on first use. */
  create(address: { readonly host: string; readonly port: number }): Promise<KafkajsBroker>;
  /** A request is about to be sent. */
  touch(): void;
  /** What a failed request means, in words for people. */
  failureOf(cause: Error): Failure;
}

export interface BrokerFactoryOptions {
  readonly clientId: string;
  readonly security: Security;
  readonly logger: Logger;
  /** For a connection, and for an answer, where somebody waits for the end of it. */
  readonly timeoutMs?: number;
}

export function createBrokerFactory({ clientId, security, logger, timeoutMs }: BrokerFactoryOptions): BrokerFactory {
  stopIdleTimer();
  guardFrames();
  const kafkajsLogger = loggers.createLogger({
    level: loggers.LEVELS.WARN,
    logCreator: () => (entry) => {
      logger.debug({ event: "kafkajs.log", namespace: entry.namespace }, entry.log.message);
    },
  });
  const builder = connectionPoolBuilder({
    logger: kafkajsLogger,
    brokers: [],
    clientId,
    ssl: undefined,
    sasl: security.sasl,
    socketFactory: socketFactoryOf(security.tls),
    connectionTimeout: timeoutMs ?? CONNECT_TIMEOUT_MS,
    requestTimeout: timeoutMs ?? REQUEST_TIMEOUT_MS,
    enforceRequestTimeout: true,
  });
  return {
    create: async (address) => new Broker({ connectionPool: await builder.build(address), logger: kafkajsLogger }),
    touch: security.touch,
    failureOf: (cause) => failureOf(cause, security.own),
  };
}

const KEEP_ALIVE_MS = 60_000;

interface Connecting {
  readonly host: string;
  readonly port: number;
  readonly onConnect: () => void;
}

/** Instead of kafkajs' own, whose options of TLS are those of the start for ever. */
function socketFactoryOf(tls: Security["tls"]): (connecting: Connecting) => Socket {
  return ({ host, port, onConnect }) => {
    const name = isIP(host) === 0 ? { servername: host } : {};
    const socket =
      tls === undefined
        ? connectTcp({ host, port }, onConnect)
        : connectTls({ host, port, ...name, ...tls() }, onConnect);
    return socket.setKeepAlive(true, KEEP_ALIVE_MS);
  };
}

export interface RawCall {
  readonly apiKey: number;
  readonly apiName: string;
  readonly apiVersion: number;
  readonly body: Buffer;
}

/** Sends one hand-written request; resolves with the payload behind the correlation id. Rejects with kafkajs' errors. */
export function sendRaw(broker: KafkajsBroker, call: RawCall): Promise<Buffer> {
  const { apiKey, apiName, apiVersion, body } = call;
  return broker.connectionPool.send({
    request: { apiKey, apiName, apiVersion, encode: async () => new Encoder(body.length).writeBuffer(body) },
    response: { decode: async (payload) => payload, parse: async (payload) => payload },
    logResponseError: false,
  });
}

/** Of Metadata: what lacks it is no broker. */
const EVERY_BROKER_KNOWS = 3;

const connecting = new WeakMap<KafkajsBroker, Promise<void>>();

/**
 * Connects, unless somebody has. Those who ask at once share one attempt and what comes of it: what ends a failed one would cut the
 * next one's connection, and each would try its credentials again.
 */
export function connectTo(broker: KafkajsBroker): Promise<void> {
  const attempt = connecting.get(broker) ?? connectAnew(broker).finally(() => connecting.delete(broker));
  connecting.set(broker, attempt);
  return attempt;
}

/**
 * A connection on which the first answer made no sense stays open with kafkajs, and what it said is never asked again: so it is cut,
 * for the next call to begin anew.
 */
async function connectAnew(broker: KafkajsBroker): Promise<void> {
  try {
    await broker.connect();
    if (broker.versions?.[EVERY_BROKER_KNOWS] === undefined)
      throw new Error("it names no request that every broker knows; this is not Kafka");
  } catch (caught) {
    broker.versions = null;
    cutConnections(broker);
    // Until kafkajs knows of the cut, it would send on what was cut.
    await new Promise((resolve) => setImmediate(resolve));
    throw caught;
  }
}

/** Cuts both sockets: at the end, and where a request timed out, since that connection's next answer could be late for ever. */
export function cutConnections(broker: KafkajsBroker): void {
  for (const connection of broker.connectionPool.pool) connection.socket?.destroy(new Error("cut by us"));
}

let isIdleTimerStopped = false;

/**
 * kafkajs re-arms a 1 ms timer for ever on each connection that has had an answer (its issues 1704, 1751): a constant
 * load, and a warning about negative timeouts on Node 24. With nothing pending there is nothing to check.
 */
function stopIdleTimer(): void {
  if (isIdleTimerStopped) return;
  isIdleTimerStopped = true;
  const schedule = RequestQueue.prototype.scheduleCheckPendingRequests;
  RequestQueue.prototype.scheduleCheckPendingRequests = function scheduleWhenPending(
    this: InstanceType<typeof RequestQueue>,
  ) {
    if (this.pending.length > 0) schedule.call(this);
  };
}

let areFramesGuarded = false;

/** An answer begins with its size. */
const SIZE_BYTES = 4;
/**
 * As much as a broker takes in a request, and so in a batch (`socket.request.max.bytes`), and some more: what is not Kafka names any
 * size, and must not take the memory that other clusters need.
 */
const ANSWER_BYTES_MAX = 128 * 1024 * 1024;
/** How a port of TLS begins its answer to who speaks none: an alert (RFC 8446 5.1), read as a size. */
const TLS_ALERT = 0x1503;

/**
 * A connection of kafkajs keeps the beginning of an answer that was cut off, and takes the next connection's first bytes for its
 * rest; what it then reads throws where nobody catches it, and the process ends. So every connection begins with nothing, and
 * what cannot be read ends the connection alone.
 */
function guardFrames(): void {
  if (areFramesGuarded) return;
  areFramesGuarded = true;
  const { connect, processData } = Connection.prototype;
  type Guarded = InstanceType<typeof Connection>;
  Connection.prototype.connect = function connectAnew(this: Guarded) {
    if (!this.isConnected()) {
      this.chunks = [];
      this.bytesBuffered = 0;
      this.bytesNeeded = SIZE_BYTES;
    }
    return connect.call(this);
  };
  Connection.prototype.processData = function processOrEnd(this: Guarded, data: Buffer) {
    try {
      processData.call(this, data);
    } catch (caught) {
      this.socket?.destroy(asError(caught));
      return;
    }
    const isAbsurd = this.bytesNeeded < SIZE_BYTES || this.bytesNeeded > ANSWER_BYTES_MAX;
    if (isAbsurd) this.socket?.destroy(new Error(absurdity(this.bytesNeeded)));
  };
}

function absurdity(bytes: number): string {
  if (bytes >>> 16 === TLS_ALERT) return "it speaks TLS: set `tls`, or mend the port in `brokers`";
  return `an answer of ${bytes} bytes; this is not Kafka`;
}
