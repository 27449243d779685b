import { Chalk } from "chalk";

/** Functions that colour text, or leave it as it is. */
export interface Paint {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly green: (text: string) => string;
  readonly red: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly cyan: (text: string) => string;
  readonly magenta: (text: string) => string;
  readonly blue: (text: string) => string;
}

/** Sixteen colours, which every terminal has, or none. */
export function createPaint(isColored: boolean): Paint {
  const { bold, dim, green, red, yellow, cyan, magenta, blue } = new Chalk({ level: isColored ? 1 : 0 });
  return { bold, dim, green, red, yellow, cyan, magenta, blue };
}
