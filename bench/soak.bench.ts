/**
 * # Benchmark: a day of 100,000 series
 *
 * 24 simulated hours through windows, verdicts and feed, with groups, members and topics that come and go; what is held after
 * each hour, and by how much it rises an hour when the first six are left out.
 */

import { slopeBytes, soak } from "../test/soak/soak.suite.ts";
import { table } from "./table.ts";

const SERIES = Number(process.env["BENCH_SERIES"] ?? 100_000);
const HOURS = Number(process.env["BENCH_HOURS"] ?? 24);
const WARM_UP_HOURS = 6;
const SLOPE_BYTES_MAX = 1_000_000;

const mb = (bytes: number): string => (bytes / 1e6).toFixed(1);

const hours = await soak({
  series: SERIES,
  hours: HOURS,
  onHour: ({ hour, heldBytes, residentBytes }) =>
    console.log(`hour ${hour}: ${mb(heldBytes)} MB held, ${mb(residentBytes)} MB resident`),
});
const slope = slopeBytes(hours, WARM_UP_HOURS);
const last = hours.at(-1);
console.log(
  table(
    ["series", "hours", "held, MB", "resident, MB", "slope after 6 h, MB/h"],
    [
      [
        String(last?.series),
        String(HOURS),
        mb(last?.heldBytes ?? 0),
        mb(last?.residentBytes ?? 0),
        (slope / 1e6).toFixed(3),
      ],
    ],
  ),
);
if (!(slope < SLOPE_BYTES_MAX)) process.exitCode = 1;
