/**
 * # Which files Grafana is told by
 *
 * Of all that is generated, those of the stores that run. A contact point is left out where a variable that it names is not set,
 * and the policies where there is no contact point: Grafana would take an empty address, or refuse a policy that leads nowhere.
 */

import { parse } from "yaml";
import { z } from "zod";

export type Store = "elasticsearch" | "influxdb";

export interface ProvisioningFile {
  /** Such as datasources/tidemark-elasticsearch.yaml. */
  readonly path: string;
  readonly text: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** What is in place before Grafana starts (elasticsearch), or comes to one that runs (influxdb). */
export function filesOf(
  store: Store,
  files: readonly ProvisioningFile[],
  environment: Environment,
): readonly ProvisioningFile[] {
  const isOfInflux = ({ path }: ProvisioningFile): boolean => path.includes("influxdb");
  const ofStore = files.filter((file) => isOfInflux(file) === (store === "influxdb"));
  const ways = ofStore.filter((file) => isWay(file) && isSet(file, environment));
  const policies = ways.length === 0 ? [] : ofStore.filter(isPolicies);
  const others = ofStore.filter((file) => !isWay(file) && !isPolicies(file));
  return [...others, ...[...ways, ...policies].map(toAlerting)];
}

const Parts = z.looseObject({ contactPoints: z.unknown().optional(), policies: z.unknown().optional() });

function isWay({ text }: ProvisioningFile): boolean {
  return Parts.parse(parse(text)).contactPoints !== undefined;
}

function isPolicies({ text }: ProvisioningFile): boolean {
  return Parts.parse(parse(text)).policies !== undefined;
}

function isSet({ text }: ProvisioningFile, environment: Environment): boolean {
  return variablesOf(text).every((name) => (environment[name] ?? "") !== "");
}

/** They lie apart, so that nobody mounts them unseen. */
function toAlerting({ path, text }: ProvisioningFile): ProvisioningFile {
  return { path: path.replace(/^contact-points\//, "alerting/"), text };
}

/** `$NAME` and `${NAME}`, but not `$$`, `$__file{...}`, or what a comment says. */
export function variablesOf(text: string): readonly string[] {
  const values = text.replaceAll(/^\s*#.*$/gm, "").replaceAll("$$", "");
  return [...new Set([...values.matchAll(/\$\{?([A-Z][A-Z0-9_]*)\}?/g)].map((match) => match[1] ?? ""))];
}
