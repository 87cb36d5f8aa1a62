/**
 * # Values by cluster and name
 *
 * A map for each cluster: one key made of both would be written and hashed anew for every look-up, of 200,000 groups a scrape.
 */

export interface ByCluster<T> {
  /** That cluster's own; begins empty. */
  of(cluster: string): Map<string, T>;
  all(): Iterable<readonly [cluster: string, values: Map<string, T>]>;
}

export function createByCluster<T>(): ByCluster<T> {
  const clusters = new Map<string, Map<string, T>>();
  return {
    of: (cluster) => {
      const known = clusters.get(cluster);
      if (known !== undefined) return known;
      const values = new Map<string, T>();
      clusters.set(cluster, values);
      return values;
    },
    all: () => clusters,
  };
}
