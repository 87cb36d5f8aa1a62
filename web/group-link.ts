/**
 * # Where a group's page is
 *
 *     /groups/{cluster}/{group}          percent-encoded once
 *     /groups?cluster=…&group=…          for the names that no path can carry: empty, "." and ".."
 *
 * A browser folds dot segments away even where they are percent-encoded (WHATWG URL), and all three are legal group names.
 */

export interface GroupName {
  readonly cluster: string;
  readonly group: string;
}

const UNPATHABLE: ReadonlySet<string> = new Set(["", ".", ".."]);

export function groupHref({ cluster, group }: GroupName): string {
  const names = [cluster, group].map((name) => name.toWellFormed());
  if (names.some((name) => UNPATHABLE.has(name))) return `/groups?${new URLSearchParams({ cluster, group })}`;
  return `/groups/${names.map(encodeURIComponent).join("/")}`;
}

/** The group that a request names, in either form; undefined for any other path. */
export function groupOfRequest(path: readonly string[], query: URLSearchParams): GroupName | undefined {
  if (path[0] !== "groups") return undefined;
  const [cluster, group] = path.length === 3 ? path.slice(1) : [query.get("cluster"), query.get("group")];
  if (path.length !== 1 && path.length !== 3) return undefined;
  return typeof cluster === "string" && typeof group === "string" ? { cluster, group } : undefined;
}
