/** # All alerts, groups first */

import type { AlertSpec } from "./alert.ts";
import { GROUP_ALERTS } from "./group-alerts.ts";
import { PIPELINE_ALERTS } from "./pipeline-alerts.ts";

export const ALERTS: readonly AlertSpec[] = [...GROUP_ALERTS, ...PIPELINE_ALERTS];
