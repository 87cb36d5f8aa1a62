/**
 * # Why something is not known, in the four words of the contract
 */

import type { UnavailableReason } from "../model/observation.ts";
import { ERROR_CODE } from "../protocol/errors.ts";
import type { CallOutcome } from "./link.ts";

/** Of an error code other than NONE. */
export function reasonOfError(error: number): UnavailableReason {
  switch (error) {
    case ERROR_CODE.TOPIC_AUTHORIZATION_FAILED:
    case ERROR_CODE.GROUP_AUTHORIZATION_FAILED:
    case ERROR_CODE.CLUSTER_AUTHORIZATION_FAILED:
      return "unauthorised";
    case ERROR_CODE.NOT_LEADER_OR_FOLLOWER:
    case ERROR_CODE.LEADER_NOT_AVAILABLE:
    case ERROR_CODE.UNKNOWN_TOPIC_OR_PARTITION:
      return "no-leader";
    default:
      return "error";
  }
}

/** Of a request that brought no answer. */
export function reasonOfOutcome(outcome: Exclude<CallOutcome<never>, { kind: "answered" }>): UnavailableReason {
  switch (outcome.kind) {
    case "refused":
      return "unauthorised";
    case "unreachable":
      return "broker-unreachable";
    case "unsupported":
      return "error";
  }
}
