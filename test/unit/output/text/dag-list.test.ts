import { expect, test } from "vitest";
import { createPaint } from "../../../../src/output/colors.ts";
import { renderDagList } from "../../../../src/output/text/dag-list.ts";

test("the DAGs that come with the tool are listed with what each needs", () => {
  const one = {
    purpose: "makes ones",
    needs: "nothing",
    isOfAll: true,
    needsAliases: false,
    startedBy: undefined,
  } as const;
  const text = renderDagList(
    {
      dags: [
        { ...one, dagId: "first", file: "dags/first.py", inProject: "missing" },
        { ...one, dagId: "second", file: "dags/second.py", startedBy: "first", inProject: "edited" },
        { ...one, dagId: "third", file: "dags/third.py", inProject: "unchanged" },
      ],
    },
    createPaint(false),
  );
  expect(text.split("\n")).toEqual([
    "first  makes ones",
    "  needs          nothing",
    "  dags/first.py  not in this project yet; seeding copies it",
    "",
    "second  makes ones",
    "  needs           nothing",
    "  started by      first, when it has updated its asset",
    "  dags/second.py  there, and edited",
    "",
    "third  makes ones",
    "  needs          nothing",
    "  dags/third.py  there",
    "",
    "run one with: stack seed <dag>   run them all with: stack seed --all",
  ]);
});
