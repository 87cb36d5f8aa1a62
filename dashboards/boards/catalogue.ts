/** # All boards, in the order in which one looks at them */

import { GROUP_BOARD } from "./group.ts";
import { OVERVIEW } from "./overview.ts";
import type { BoardSpec } from "./panel-spec.ts";
import { PIPELINE } from "./pipeline.ts";
import { SLO } from "./slo.ts";
import { TOPIC_BOARD } from "./topic.ts";

export const BOARDS: readonly BoardSpec[] = [OVERVIEW, GROUP_BOARD, TOPIC_BOARD, PIPELINE, SLO];
