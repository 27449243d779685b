import type { LayoutName } from "../support/layout.ts";
import type { Rig } from "../support/rig.ts";

/** A figure, or several of one kind, and what else there is to say about them. */
export interface Reading {
  readonly values: readonly number[];
  readonly note?: string;
}

export type Target =
  /** At most this share of the other layout's median. */
  { readonly kind: "ratio"; readonly most: number } | { readonly kind: "absolute"; readonly most: number };

export type Unit = "s" | "GiB" | "% of a core";

export interface Measure {
  /** For `--only`. */
  readonly name: string;
  readonly title: string;
  readonly unit: Unit;
  readonly target: Target;
  /** Only the stack has a command line to measure. */
  readonly layouts: readonly LayoutName[];
  /** Where it is measured in the first round alone, since it is minutes of waiting that vary little. */
  readonly onceIn?: LayoutName;
  run(rig: Rig): Promise<Reading>;
}

export const both = ["stack", "diy"] as const;
export const stackOnly = ["stack"] as const;

export function ratio(most: number): Target {
  return { kind: "ratio", most };
}

export function absolute(most: number): Target {
  return { kind: "absolute", most };
}
