/**
 * # burrow.toml as our configuration
 *
 * The keys of linkedin/Burrow v1.9.5 (its wiki, "Configuration"), in the order of docs/migrate/from-burrow.md. Viper reads them without regard to case
 * and gives sections their names in lower case; so do we, since clients know clusters by these names. What is taken is taken out, so that
 * what is left over at the end is what has no place here, and is said.
 */

import { isLoopback } from "../../runtime/http/listen.ts";

export interface Migrated {
  /** As it would be written in tidemark.yaml. */
  readonly config: Section;
  /** What somebody has to do, or has to know, a line each. */
  readonly remarks: readonly string[];
}

export type Section = { [key: string]: unknown };

interface Migration {
  readonly burrow: Section;
  readonly remarks: string[];
}

export function migrateBurrow(toml: Readonly<Record<string, unknown>>): Migrated {
  const migration: Migration = { burrow: inLowerCase(toml), remarks: [] };
  const refreshes: unknown[] = [];
  const clusters = Object.fromEntries(
    sections(migration.burrow, "cluster").map(([name, section]) => {
      refreshes.push(take(section, "offset-refresh"));
      return [name, clusterOf(migration, name, section)];
    }),
  );
  takeConsumers(migration, clusters);
  const evaluate = evaluateOf(migration, clusters, refreshes);
  const config = {
    clusters,
    ...(Object.keys(evaluate).length === 0 ? {} : { evaluate }),
    collector: collectorOf(migration),
    shipper: { data_dir: "./data" },
    ...logOf(migration),
  };
  return { config, remarks: [...migration.remarks, ...leftOver(migration.burrow)] };
}

function clusterOf(migration: Migration, cluster: string, section: Section): Section {
  take(section, "class-name");
  const profile = migration.burrow["client-profile"];
  const used = textOf(take(section, "client-profile")).toLowerCase();
  const { tls, sasl, iam } = namedSection(profile, used);
  return {
    brokers: take(section, "servers") ?? [],
    ...tlsOf(migration, textOf(tls).toLowerCase()),
    ...saslOf(migration, cluster, textOf(sasl).toLowerCase()),
    ...iamOf(migration, textOf(iam).toLowerCase()),
  };
}

function tlsOf({ burrow, remarks }: Migration, name: string): Section {
  if (name === "") return {};
  const { cafile, certfile, keyfile, noverify } = namedSection(burrow["tls"], name);
  if (noverify === true || noverify === "true")
    remarks.push(`tls.${name}.noverify: certificates are always verified; tls.ca_file names their authority`);
  return { tls: given({ ca_file: cafile, cert_file: certfile, key_file: keyfile }) };
}

function saslOf({ burrow, remarks }: Migration, cluster: string, name: string): Section {
  if (name === "") return {};
  const { mechanism, username } = namedSection(burrow["sasl"], name);
  const known = ["scram-sha-256", "scram-sha-512"].find((one) => one === textOf(mechanism).toLowerCase());
  const secret = `${cluster}.secret`;
  remarks.push(`sasl.${name}.password: write it into ${secret}; it is not repeated here`);
  return { sasl: { mechanism: known ?? "plain", username, password_file: secret } };
}

function iamOf({ burrow }: Migration, name: string): Section {
  if (name === "") return {};
  const { region, profile, "role-arn": roleArn } = namedSection(burrow["iam"], name);
  return { sasl: { mechanism: "aws-msk-iam", ...given({ region, profile, role_arn: roleArn }) } };
}

/** Where commits are learnt from is part of a cluster here. */
function takeConsumers({ burrow, remarks }: Migration, clusters: Readonly<Record<string, Section>>): void {
  for (const [name, section] of sections(burrow, "consumer")) {
    const [kind, of] = [take(section, "class-name"), textOf(take(section, "cluster")).toLowerCase()];
    const topic = take(section, "offsets-topic");
    const groups = groupRules(section);
    const cluster = clusters[of];
    if (kind === "kafka_zk") remarks.push(`consumer.${name}: offsets in ZooKeeper are not read`);
    else if (cluster === undefined) remarks.push(`consumer.${name}: there is no [cluster.${of}]`);
    else addGroups(cluster, groups);
    if (topic !== undefined && topic !== "__consumer_offsets")
      remarks.push(`consumer.${name}.offsets-topic: it is always __consumer_offsets here`);
  }
}

function groupRules(section: Section): readonly string[] {
  const [allowed, denied] = [textOf(take(section, "group-allowlist")), textOf(take(section, "group-denylist"))];
  return [...(allowed === "" ? [] : [`/${allowed}/`]), ...(denied === "" ? [] : [`!/${denied}/`])];
}

function addGroups(cluster: Section, rules: readonly string[]): void {
  const before = Array.isArray(cluster["groups"]) ? cluster["groups"] : [];
  if (rules.length > 0) cluster["groups"] = [...before, ...rules];
}

function evaluateOf(
  { burrow, remarks }: Migration,
  clusters: Readonly<Record<string, Section>>,
  refreshes: readonly unknown[],
): Section {
  const [[storageName = "", storage = {}] = []] = sections(burrow, "storage");
  const [[, evaluator = {}] = []] = sections(burrow, "evaluator");
  take(storage, "class-name");
  take(evaluator, "class-name");
  const rules = groupRules(storage);
  for (const cluster of Object.values(clusters)) addGroups(cluster, rules);
  if (rules.some((rule) => !rule.startsWith("!")))
    remarks.push(`storage.${storageName}.group-allowlist: a group is watched that one of the lists has, not only both`);
  const known = [...new Set(refreshes.filter((refresh) => refresh !== undefined))];
  if (known.length > 1) remarks.push("cluster.*.offset-refresh: it is one for all clusters here; the first is taken");
  const strict = given({
    offset_refresh: seconds(known[0]),
    min_distance: seconds(take(storage, "min-distance")),
    expire_group: seconds(take(storage, "expire-group")),
    minimum_complete: take(evaluator, "minimum-complete"),
    allowed_lag: take(evaluator, "allowed-lag"),
  });
  return given({
    window: take(storage, "intervals"),
    burrow: Object.keys(strict).length === 0 ? undefined : strict,
  });
}

/** Burrow listens on a port of chance where it is not told. */
function collectorOf({ burrow, remarks }: Migration): Section {
  const [[name = "", server = {}] = []] = sections(burrow, "httpserver");
  const address = textOf(take(server, "address"));
  const listen = address.startsWith(":") ? `0.0.0.0${address}` : address;
  const pair = textOf(take(server, "tls")).toLowerCase();
  const { certfile, keyfile } = namedSection(burrow["tls"], pair);
  const isOpen = listen !== "" && !isLoopback(listen.replace(/:\d+$/, ""));
  if (isOpen) remarks.push(`httpserver.${name}.address: other machines need the token that you write into ./token`);
  return {
    ...(listen === "" ? {} : { listen }),
    ...(isOpen ? { token_file: "token" } : {}),
    ...(pair === "" ? {} : { tls: given({ cert_file: certfile, key_file: keyfile }) }),
    data_dir: "./data",
    compat: ["burrow"],
  };
}

const LEVELS: Readonly<Record<string, string>> = {
  debug: "debug",
  info: "info",
  warn: "warn",
  error: "error",
  panic: "error",
  fatal: "error",
};

function logOf({ burrow }: Migration): Section {
  const level = LEVELS[textOf(take(sectionOf(burrow["logging"]), "level"))];
  return level === undefined ? {} : { log: { level } };
}

/** What is done without, or by itself. */
const NOT_NEEDED: readonly RegExp[] = [
  /^general\.(pidfile|stdout-logfile|env-var-prefix)$/,
  /^(logging|zookeeper|client-profile|tls|sasl|iam)\./,
  /^cluster\.[^.]+\.(topic-refresh|groups-reaper-refresh)$/,
  /^consumer\.[^.]+\.(servers|client-profile|start-latest|backfill-earliest|zookeeper-\w+)$/,
  /^storage\.[^.]+\.(workers|queue-depth)$/,
  /^evaluator\.[^.]+\.expire-cache$/,
  /^httpserver\.[^.]+\.timeout$/,
];

function leftOver(burrow: Section): readonly string[] {
  const notifiers = sections(burrow, "notifier").map(
    ([name]) => `notifier.${name}: alerts are rules of Grafana or Prometheus (docs/alerts.md)`,
  );
  const { notifier: _, ...rest } = burrow;
  const paths = pathsOf(rest, "").filter((path) => !NOT_NEEDED.some((pattern) => pattern.test(path)));
  return [...paths.map((path) => `${path}: there is no such option here`), ...notifiers];
}

function pathsOf(value: unknown, path: string): readonly string[] {
  if (!isSection(value)) return [path];
  return Object.entries(value).flatMap(([key, one]) => pathsOf(one, path === "" ? key : `${path}.${key}`));
}

function inLowerCase(section: Readonly<Record<string, unknown>>): Section {
  const entries = Object.entries(section);
  return Object.fromEntries(
    entries.map(([key, value]) => [key.toLowerCase(), isSection(value) ? inLowerCase(value) : value]),
  );
}

/** The named sections of a kind. */
function sections(burrow: Section, kind: string): readonly (readonly [string, Section])[] {
  return Object.entries(sectionOf(burrow[kind])).flatMap(([name, value]) => (isSection(value) ? [[name, value]] : []));
}

function namedSection(kind: unknown, name: string): Section {
  return sectionOf(sectionOf(kind)[name]);
}

function sectionOf(value: unknown): Section {
  return isSection(value) ? value : {};
}

function isSection(value: unknown): value is Section {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function take(section: Section, key: string): unknown {
  const value = section[key];
  delete section[key];
  return value;
}

function given(section: Section): Section {
  return Object.fromEntries(Object.entries(section).filter(([, value]) => value !== undefined));
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function seconds(value: unknown): string | undefined {
  return value === undefined ? undefined : `${String(value)}s`;
}
