/**
 * # What a process costs, from /proc
 *
 * CPU from `/proc/<pid>/stat` (fields 14 and 15, in clock ticks of 10 ms), its threads included; memory from `/proc/<pid>/status`.
 * Linux only: elsewhere the read fails, and the bench with it.
 */

import { readFile } from "node:fs/promises";

const TICKS_PER_SECOND = 100;
const KIB_PER_MIB = 1_024;

export interface Usage {
  readonly cpuSeconds: number;
  readonly rssMib: number;
  /** Since the process began. */
  readonly rssMibMax: number;
}

export async function usageOf(pid: number): Promise<Usage> {
  const [stat, status] = await Promise.all(["stat", "status"].map((name) => readFile(`/proc/${pid}/${name}`, "utf8")));
  // The name of the program stands in brackets and may hold blanks: fields are counted after it.
  const fields = (stat ?? "").slice((stat ?? "").lastIndexOf(")") + 2).split(" ");
  const kib = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status ?? "")?.[1]);
  return {
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND,
    rssMib: kib("VmRSS") / KIB_PER_MIB,
    rssMibMax: kib("VmHWM") / KIB_PER_MIB,
  };
}
