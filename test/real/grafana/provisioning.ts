/**
 * # The committed provisioning, laid out for a Grafana of a test
 *
 *     <folder>/provisioning/**   the files of dashboards/out/provisioning of the stores there are
 *     <folder>/boards/<store>/   their boards
 *     <folder>/secrets/          what the files of data sources read
 *
 * Nothing of a file is changed but the two places of a container, /run/secrets and /var/lib/grafana/dashboards/tidemark.
 */

import { cp, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { REPOSITORY } from "../places.ts";

const OUT = resolve(REPOSITORY, "dashboards/out");

/** Addresses of the stores there are. */
export interface Stores {
  readonly elasticsearch?: string;
  readonly influxdb?: string;
  readonly prometheus?: string;
}

export interface Laid {
  readonly provisioning: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Files of other stores are left out; a file that is of no store, such as contact points, is left out too. */
export async function layProvisioning(folder: string, stores: Stores): Promise<Laid> {
  const provisioning = resolve(folder, "provisioning");
  const secrets = resolve(folder, "secrets");
  const boards = resolve(folder, "boards");
  for (const one of ["datasources", "dashboards", "alerting", "plugins"])
    await mkdir(resolve(provisioning, one), { recursive: true });
  await mkdir(secrets, { recursive: true });
  const names = Object.keys(stores);
  for (const name of names) {
    await cp(resolve(OUT, name), resolve(boards, name), { recursive: true });
    await writeFile(resolve(secrets, `tidemark_${name}_authorization`), "Basic bm9ib2R5OmFza3M=");
  }
  for (const path of await readdir(resolve(OUT, "provisioning"), { recursive: true })) {
    if (!names.some((name) => path.endsWith(`tidemark-${name}.yaml`))) continue;
    const text = await readFile(resolve(OUT, "provisioning", path), "utf8");
    const moved = text.replaceAll("/run/secrets", secrets).replaceAll("/var/lib/grafana/dashboards/tidemark", boards);
    await writeFile(resolve(provisioning, path), moved);
  }
  const urls = Object.entries(stores).map(([name, url]) => [`TIDEMARK_${name.toUpperCase()}_URL`, String(url)]);
  return { provisioning, env: { ...Object.fromEntries(urls), TIDEMARK_INFLUXDB_DATABASE: "tidemark" } };
}
