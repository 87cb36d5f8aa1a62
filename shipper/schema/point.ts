/**
 * # A point: one row of history
 *
 * Kind, dimensions and grid time identify it: a second point with the same three says the same thing, and no store keeps
 * it twice. A field whose value is not known is absent, never null, -1, 0 or NaN.
 */

import type { DimensionValue, KINDS, Kind } from "./kind.ts";

type ValueOf<Type> = Type extends "integer" | "number" ? number : string;

export type Fields<K extends Kind> = {
  readonly [Name in keyof (typeof KINDS)[K]["fields"]]?: (typeof KINDS)[K]["fields"][Name] extends {
    readonly type: infer Type;
  }
    ? ValueOf<Type>
    : never;
};

export type Dimensions<K extends Kind> = {
  readonly [D in (typeof KINDS)[K]["dimensions"][number]]: DimensionValue<D>;
};

export interface PointOf<K extends Kind> {
  readonly kind: K;
  /** Grid time of its tick, epoch ms. */
  readonly atMs: number;
  readonly dimensions: Dimensions<K>;
  readonly fields: Fields<K>;
  /** Which ways of thinning keep it, as thinning.ts numbers them; absent: each. No part of what the point says. */
  readonly keptBy?: number;
}

export type Point = { readonly [K in Kind]: PointOf<K> }[Kind];

/** Text that two points share if and only if they are the same point: JSON keeps any name unambiguous. */
export function identityOf(point: Point): string {
  return JSON.stringify([point.kind, point.atMs, ...Object.values(point.dimensions)]);
}
