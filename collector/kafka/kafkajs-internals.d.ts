/** The few internals of kafkajs 2.2.4 that kafkajs.ts reaches; the package ships no types for them. */

declare module "kafkajs/src/broker/index.js" {
  import type { ConnectionPool } from "kafkajs/src/cluster/connectionPoolBuilder.js";
  import type { KafkajsLogger } from "kafkajs/src/loggers/index.js";

  class Broker {
    constructor(options: { connectionPool: ConnectionPool; logger: KafkajsLogger; nodeId?: number | null });
    readonly connectionPool: ConnectionPool;
    versions: Readonly<Record<number, { minVersion: number; maxVersion: number }>> | null;
    isConnected(): boolean;
    connect(): Promise<void>;
    disconnect(): Promise<void>;
  }
  export = Broker;
}

declare module "kafkajs/src/cluster/connectionPoolBuilder.js" {
  import type { KafkajsLogger } from "kafkajs/src/loggers/index.js";

  namespace connectionPoolBuilder {
    interface ConnectionPool {
      readonly host: string;
      readonly port: number;
      readonly pool: readonly { readonly socket?: { destroy(error: Error): void } }[];
      send<Response>(call: {
        request: { apiKey: number; apiVersion: number; apiName: string; encode: () => Promise<unknown> };
        response: { decode: (payload: Buffer) => Promise<Response>; parse: (response: Response) => Promise<Response> };
        requestTimeout?: number;
        logResponseError?: boolean;
      }): Promise<Response>;
    }
  }
  function connectionPoolBuilder(options: {
    logger: KafkajsLogger;
    brokers: readonly string[];
    clientId: string;
    ssl: unknown;
    sasl: unknown;
    socketFactory: unknown;
    connectionTimeout: number;
    requestTimeout: number;
    enforceRequestTimeout: boolean;
  }): { build(destination?: { host: string; port: number }): Promise<connectionPoolBuilder.ConnectionPool> };
  export = connectionPoolBuilder;
}

declare module "kafkajs/src/loggers/index.js" {
  namespace loggers {
    interface KafkajsLogger {
      namespace(name: string): KafkajsLogger;
    }
    interface LogEntry {
      readonly level: number;
      readonly namespace: string;
      readonly log: { readonly message: string };
    }
  }
  const loggers: {
    createLogger(options: {
      level: number;
      logCreator: (level: number) => (entry: loggers.LogEntry) => void;
    }): loggers.KafkajsLogger;
    LEVELS: { NOTHING: number; ERROR: number; WARN: number };
  };
  export = loggers;
}

declare module "kafkajs/src/network/connection.js" {
  class Connection {
    socket?: { destroy(error: Error): void };
    /** What has come of an answer that is not whole yet. */
    chunks: readonly Buffer[];
    bytesBuffered: number;
    bytesNeeded: number;
    isConnected(): boolean;
    connect(): Promise<boolean>;
    processData(data: Buffer): void;
  }
  export = Connection;
}

declare module "kafkajs/src/network/requestQueue/index.js" {
  class RequestQueue {
    pending: readonly unknown[];
    throttledUntil: number;
    scheduleCheckPendingRequests(): void;
  }
  export = RequestQueue;
}

declare module "kafkajs/src/protocol/encoder.js" {
  class Encoder {
    constructor(initialSize?: number);
    writeBuffer(buffer: Buffer): Encoder;
  }
  export = Encoder;
}
