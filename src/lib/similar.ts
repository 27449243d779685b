import leven from "leven";

// One letter too many, too few or other ones, or two that changed places.
const mostEdits = 2;

/** Of the known names the one that `name` may be a slip of the pen for; undefined for one that is known, or for none. */
export function similarTo(name: string, known: readonly string[]): string | undefined {
  if (known.includes(name)) return undefined;
  return known.find((one) => leven(name, one, { maxDistance: mostEdits + 1 }) <= mostEdits);
}
