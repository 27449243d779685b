import type { DagList, ListedDag } from "../../stack/seed/list-dags.ts";
import type { Paint } from "../colors.ts";
import { formatTable } from "../format.ts";

const placeWords = {
  missing: "not in this project yet; seeding copies it",
  unchanged: "there",
  edited: "there, and edited",
} as const satisfies Record<ListedDag["inProject"], string>;

/** The DAGs that come with the tool, and how to run them. */
export function renderDagList({ dags }: DagList, paint: Paint): string {
  const blocks = dags.map((dag) => renderListedDag(dag, paint));
  blocks.push(paint.dim("run one with: stack seed <dag>   run them all with: stack seed --all"));
  return blocks.join("\n\n");
}

function renderListedDag(
  { dagId, purpose, needs, startedBy, file, inProject }: ListedDag,
  paint: Paint,
): string {
  const rows = [
    ["  needs", needs],
    ...(startedBy === undefined ? [] : [["  started by", `${startedBy}, when it has updated its asset`]]),
    [`  ${file}`, placeWords[inProject]],
  ];
  return `${paint.bold(dagId)}  ${purpose}\n${formatTable(rows)}`;
}
