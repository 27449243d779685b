import { expect, test } from "vitest";
import { imageOfFrom, parseDockerfile, sourcesOf } from "../../../../src/stack/layer/dockerfile.ts";

test("instructions are found with their lines, continuations, comments between them and here-documents", () => {
  const text = `# syntax=docker/dockerfile:1
FROM quay.io/astronomer/astro-runtime:9.1.0

user root
RUN apt-get update \\
    # one more
 && apt-get install -y jq
RUN <<-END bash
	FROM nothing
	END
COPY <<"ONE" <<TWO /etc/
CMD first
ONE
CMD second
TWO
ENV A=1`;
  expect(parseDockerfile(text).map(({ keyword, line }) => `${keyword} ${line}`)).toEqual([
    "FROM 2",
    "USER 4",
    "RUN 5",
    "RUN 8",
    "COPY 11",
    "ENV 16",
  ]);
  expect(parseDockerfile(text)[2]?.text).toContain("jq");
});

test.each(["", "\n\n", "# nothing", "RUN a \\"])("%j ends", (text) => {
  expect(parseDockerfile(text).length).toBeLessThan(2);
});

test.each([
  ["FROM --platform=linux/amd64 a/b:1 AS last", "a/b:1"],
  ["FROM a/b:${TAG}", "a/b:9.1.0"],
  ["from a/b:$TAG", "a/b:9.1.0"],
  ["FROM a/b:${OTHER:-latest}", "a/b:latest"],
  ["FROM a/b:${OTHER}", "a/b:"],
])("%s starts from %s", (text, image) => {
  expect(imageOfFrom({ keyword: "FROM", text, line: 1 }, new Map([["TAG", "9.1.0"]]))).toBe(image);
});

test.each([
  ["COPY a.txt b.txt /x/", ["a.txt", "b.txt"]],
  ["COPY --chown=astro:0 ./conf/ /x/", ["conf"]],
  [`COPY ["with space.txt", "/x/"]`, ["with space.txt"]],
  ["COPY --from=builder /a /b", []],
  ["COPY . .", ["."]],
  ["COPY conf/*.cfg /x/", ["conf"]],
  ["COPY $FILE /x/", ["."]],
  ["COPY ../up /x/", ["."]],
  ["COPY a \\\n  b /x/", ["a", "b"]],
  ["ADD https://example.org/a.tar /x/", []],
  ["RUN cp a b", []],
  ["RUN --mount=type=bind,target=/src make", ["."]],
])("%s copies %j", (text, sources) => {
  expect(parseDockerfile(text).flatMap(sourcesOf)).toEqual(sources);
});
