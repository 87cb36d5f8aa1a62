/**
 * # Which files Grafana is told by
 *
 * Of all that is generated, those of the stores that run. A file with contact points, or with policies that lead to them, is left
 * out where a variable that it names is not set: Grafana would take an empty address, or not start.
 */

import { parse } from "yaml";
import { z } from "zod";

export type Store = "elasticsearch" | "influxdb";

export interface ProvisioningFile {
  /** Such as datasources/tidemark-elasticsearch.yaml. */
  readonly path: string;
  readonly text: string;
}

/** What is in place before Grafana starts (elasticsearch), or comes to one that runs (influxdb). */
export function filesOf(
  store: Store,
  files: readonly ProvisioningFile[],
  environment: Readonly<Record<string, string | undefined>>,
): readonly ProvisioningFile[] {
  const isOfInflux = ({ path }: ProvisioningFile): boolean => path.includes("influxdb");
  const ofStore = files.filter((file) => isOfInflux(file) === (store === "influxdb"));
  return ofStore.filter(({ text }) => missingVariables(text, environment).length === 0);
}

const Channels = z.looseObject({ contactPoints: z.unknown().optional(), policies: z.unknown().optional() });

/** Rules and templates have dollars of their own, which Grafana does not touch. */
function missingVariables(text: string, environment: Readonly<Record<string, string | undefined>>): readonly string[] {
  const { contactPoints, policies } = Channels.parse(parse(text));
  if (contactPoints === undefined && policies === undefined) return [];
  return variablesOf(text).filter((name) => (environment[name] ?? "") === "");
}

/** `$NAME` and `${NAME}`, but not `$$`, `$__file{...}`, or what a comment says. */
export function variablesOf(text: string): readonly string[] {
  const values = text.replaceAll(/^\s*#.*$/gm, "").replaceAll("$$", "");
  return [...new Set([...values.matchAll(/\$\{?([A-Z][A-Z0-9_]*)\}?/g)].map((match) => match[1] ?? ""))];
}
