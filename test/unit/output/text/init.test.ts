import { expect, test } from "vitest";
import { createPaint } from "../../../../src/output/colors.ts";
import { renderInit } from "../../../../src/output/text/init.ts";

test("what was made, copied, kept, understood and ignored is told, and what to do next", () => {
  const text = renderInit(
    {
      dir: "/p",
      from: "/q",
      copied: ["dags/"],
      kept: [".env"],
      created: ["stack.yaml"],
      understood: [{ path: "dags/", meaning: "DAGs" }],
      ignored: [{ path: "tests/", meaning: "not mounted" }],
      notes: ["Dockerfile: CMD left out"],
    },
    createPaint(false),
  );
  expect(text).toBe(`/p is a project of stack.
Copied from /q: dags/
Here already, and kept: .env
Made: stack.yaml

Understood
  ✔ dags/  DAGs

Ignored
  - tests/  not mounted

Different here
  ! Dockerfile: CMD left out

Next: \`stack dags check\`, then \`stack up\`.`);
});
