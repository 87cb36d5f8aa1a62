/** # An observer that looks at what is told before it is passed on */

import type { Observation, Observer } from "../model/observation.ts";

/** Commits and handles go past it, as fast as before; `observe` passes on what it wants to. */
export function observed(observer: Observer, observe: (observation: Observation) => void): Observer {
  return {
    get handlesEpoch() {
      return observer.handlesEpoch;
    },
    handleOf: observer.handleOf,
    findHandle: observer.findHandle,
    commit: observer.commit,
    observe,
  };
}
