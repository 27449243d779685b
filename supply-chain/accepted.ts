import { parseShape, v } from "../src/lib/schema.ts";
import type { Answer, Finding, Source } from "./findings.ts";

const text = v.pipe(v.string(), v.nonEmpty());
const date = v.pipe(v.string(), v.isoDate("a date such as 2027-06-30"));
const entry = v.strictObject({
  /** The file that pins the package, as a path in the repository. */
  in: text,
  /** "*" for every package of a file that gets no more updates. */
  package: text,
  /** Any name of the vulnerability; "*" for all of them. */
  id: text,
  /** Why it is no danger here, or why it has to be lived with. */
  why: text,
  /** The last day on which this holds, for somebody to look again. */
  until: date,
  /** A text in the file that pins the version, where no source of findings knows the package. */
  pinned: v.optional(text),
});
export type Accepted = v.InferOutput<typeof entry>;

/** supply-chain/accepted.json. Throws INTERNAL with what is wrong in it. */
export function parseAccepted(data: unknown): readonly Accepted[] {
  return parseShape(v.array(entry), data, "supply-chain/accepted.json");
}

export interface Verdict {
  /** Nobody has accepted these. */
  readonly open: readonly Finding[];
  readonly accepted: number;
  /** Entries that hold no more, each with the reason. */
  readonly stale: readonly string[];
  /** What no source could tell. */
  readonly unanswered: readonly Unanswered[];
}

interface Unanswered {
  readonly in: string;
  readonly source: Source;
  /** What the source said to the first of its packages. */
  readonly why: string;
  /** To how many it gave no answer; one that was asked about the whole file counts once. */
  readonly count: number;
}

/** `pins` has the text of every file that an entry with `pinned` names; `today` is a date such as 2026-11-30. */
export function judge(
  answers: readonly Answer[],
  accepted: readonly Accepted[],
  { today, pins }: { readonly today: string; readonly pins: ReadonlyMap<string, string> },
): Verdict {
  const valid = accepted.filter(({ until }) => until >= today);
  const findings = answers.flatMap((answer) => answer.findings);
  const open = findings.filter((finding) => !valid.some((one) => covers(one, finding)));
  const isKnown = new Set(answers.filter(({ unanswered }) => unanswered.length === 0).map((one) => one.in));
  const stale = accepted.flatMap((one) => {
    const name = `${one.id} of ${one.package} in ${one.in}`;
    if (one.until < today) return [`${name}: accepted until ${one.until}`];
    if (one.pinned !== undefined)
      return pins.get(one.in)?.includes(one.pinned) === true
        ? []
        : [`${name}: accepted for ${one.pinned}, which is pinned no more`];
    const isGone = isKnown.has(one.in) && !findings.some((finding) => covers(one, finding));
    return isGone ? [`${name}: nothing reports it any more`] : [];
  });
  return {
    open,
    accepted: findings.length - open.length,
    stale,
    unanswered: answers.flatMap(({ in: file, source, unanswered }) => {
      const [why] = unanswered;
      return why === undefined ? [] : [{ in: file, source, why, count: unanswered.length }];
    }),
  };
}

function covers(one: Accepted, finding: Finding): boolean {
  return (
    one.in === finding.in &&
    (one.package === "*" || one.package === finding.package) &&
    (one.id === "*" || finding.ids.includes(one.id))
  );
}

/** 0 nothing new, 1 something to do, 3 a source did not answer. */
export function statusOf({ open, stale, unanswered }: Verdict): 0 | 1 | 3 {
  if (open.length > 0 || stale.length > 0) return 1;
  return unanswered.length > 0 ? 3 : 0;
}
