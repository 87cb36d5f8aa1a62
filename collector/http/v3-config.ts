/**
 * # /v3/config: our configuration, in Burrow's words
 *
 * The bodies of linkedin/Burrow v1.9.5 (core/internal/httpserver/config.go), key by key. There is one storage and one evaluator,
 * one consumer for each cluster, and no notifier. What Burrow has and we do not is empty. No secret is in any of them: of SASL
 * the user name alone, of TLS the files' names.
 */

import type { HttpAnswer, HttpRequest } from "../../runtime/http/answer.ts";
import type { ListenAddress } from "../../runtime/http/listen.ts";
import type { ClusterView } from "./cluster-view.ts";
import { configSuccess, failure, success } from "./v3-answer.ts";
import type { ConfigSection } from "./v3-route.ts";

/** How a cluster is connected to, as Burrow's client profile has it. */
export interface ClientSettings {
  readonly tls?:
    | {
        readonly ca_file?: string | undefined;
        readonly cert_file?: string | undefined;
        readonly key_file?: string | undefined;
      }
    | undefined;
  readonly sasl?: { readonly username?: string | undefined } | undefined;
  /** Empty where commits come by another way. */
  readonly offsetsTopic: string;
}

export interface V3Settings {
  readonly listen: ListenAddress;
  readonly logLevel: () => string;
  readonly window: number;
  readonly minDistanceMs: number;
  readonly expireGroupMs: number;
  readonly clientOf: (cluster: string) => ClientSettings | undefined;
}

const MS_PER_SECOND = 1_000;
const TOPIC_REFRESH_S = 60;
/** Burrow keeps verdicts for ten seconds; so do we, by the tick. */
const EXPIRE_CACHE_S = 10;
/** Of the only storage, evaluator and HTTP server there is. */
const ONLY = "default";
/** What Burrow has where nothing else is configured; our own limits are shorter. */
const SERVER_TIMEOUT_S = 300;

const inSeconds = (ms: number): number => Math.round(ms / MS_PER_SECOND);

export function mainConfig(request: HttpRequest, { listen, logLevel }: V3Settings): HttpAnswer {
  const host = listen.host.includes(":") ? `[${listen.host}]` : listen.host;
  return configSuccess(request, "main config returned", {
    general: { pidfile: "", "stdout-logfile": "", "access-control-allow-origin": "" },
    logging: {
      filename: "",
      "max-size": 0,
      "max-backups": 0,
      "max-age": 0,
      "use-local-time": false,
      "use-compression": false,
      level: logLevel(),
    },
    zookeeper: { servers: null, timeout: 0, "root-path": "" },
    httpserver: { [ONLY]: { address: `${host}:${listen.port}`, tls: "", timeout: SERVER_TIMEOUT_S } },
  });
}

export function moduleList(request: HttpRequest, section: ConfigSection, clusters: readonly string[]): HttpAnswer {
  return configSuccess(request, "module list returned", {
    coordinator: section,
    modules: modulesOf(section, clusters),
  });
}

function modulesOf(section: ConfigSection, clusters: readonly string[]): readonly string[] {
  switch (section) {
    case "storage":
    case "evaluator":
      return [ONLY];
    case "cluster":
    case "consumer":
      return clusters;
    case "notifier":
      return [];
  }
}

export interface ModuleAsked {
  readonly section: ConfigSection;
  readonly name: string;
  readonly settings: V3Settings;
  /** Undefined where no cluster has this name. */
  readonly view: ClusterView | undefined;
}

export function moduleDetail(request: HttpRequest, asked: ModuleAsked): HttpAnswer {
  const { section } = asked;
  const module = moduleOf(asked);
  if (module === undefined) return failure(request, 404, `${section} module not found`);
  return success(request, `${section} module detail returned`, { module });
}

function moduleOf({ section, name, settings, view }: ModuleAsked): object | undefined {
  switch (section) {
    case "storage":
      return name === ONLY ? storage(settings) : undefined;
    case "evaluator":
      return name === ONLY ? { "class-name": "caching", "expire-cache": EXPIRE_CACHE_S } : undefined;
    case "cluster":
      return view === undefined ? undefined : clusterModule(view, settings);
    case "consumer":
      return view === undefined ? undefined : consumer(view, settings);
    case "notifier":
      return undefined;
  }
}

function storage({ window, minDistanceMs, expireGroupMs }: V3Settings) {
  return {
    "class-name": "inmemory",
    intervals: window,
    "min-distance": inSeconds(minDistanceMs),
    "group-allowlist": "",
    "expire-group": inSeconds(expireGroupMs),
  };
}

function clusterModule(view: ClusterView, settings: V3Settings) {
  return {
    "class-name": "kafka",
    servers: view.servers,
    "client-profile": clientProfile(settings.clientOf(view.cluster)),
    "topic-refresh": TOPIC_REFRESH_S,
    "offset-refresh": inSeconds(view.offsetRefreshMs),
  };
}

function consumer(view: ClusterView, settings: V3Settings) {
  const client = settings.clientOf(view.cluster);
  return {
    "class-name": "kafka",
    cluster: view.cluster,
    servers: view.servers,
    "group-allowlist": "",
    "zookeeper-path": "",
    "zookeeper-timeout": 0,
    "client-profile": clientProfile(client),
    "offsets-topic": client?.offsetsTopic ?? "",
    "start-latest": false,
  };
}

function clientProfile(client: ClientSettings | undefined) {
  const { tls, sasl } = client ?? {};
  return {
    name: "",
    "client-id": "tidemark",
    "kafka-version": "",
    tls:
      tls === undefined
        ? null
        : {
            name: "",
            noverify: false,
            certfile: tls.cert_file ?? "",
            keyfile: tls.key_file ?? "",
            cafile: tls.ca_file ?? "",
          },
    sasl: sasl === undefined ? null : { name: "", "handshake-first": true, username: sasl.username ?? "" },
  };
}
