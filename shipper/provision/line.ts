/** # What provisioning says: one line per thing that a store has to have */

export interface ProvisionLine {
  /**
   * made, changed: done now, or to be done where only asked · kept: as it has to be · left: not as we would make it, and not
   * ours to change · failed: the store refused, or did not answer
   */
  readonly kind: "made" | "changed" | "kept" | "left" | "failed";
  /** Such as "index template tidemark". */
  readonly what: string;
  readonly detail: string;
}

export interface ProvisionMode {
  /** Look only, and say what would be done. */
  readonly dryRun: boolean;
  /** Also change what was edited by hand. */
  readonly force: boolean;
}

/** Whether a shipper may write after it. */
export function isReady(lines: readonly ProvisionLine[]): boolean {
  return lines.every(({ kind }) => kind !== "failed" && kind !== "left");
}
