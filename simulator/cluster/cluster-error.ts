/** # A change that the cluster cannot make: a mistake of the script that asked for it */

export class ClusterError extends Error {
  override readonly name = "ClusterError";
}
