import { describe, expect, test } from "vitest";
import { parseFeatureCsv, parseRawHousing } from "../../../../src/stack/seed/housing.ts";

const ROW = "-122.23,37.88,41,880,129,322,126,8.3252,452600";

function rawFile(rows: number, change: (lines: string[]) => void = () => undefined): string {
  const lines = Array.from({ length: rows }, () => ROW);
  change(lines);
  return `${lines.join("\n")}\n`;
}

describe("the raw data file", () => {
  test("gives the means of the eight features", () => {
    const { rows, means } = parseRawHousing(
      rawFile(20_640, (lines) => {
        for (let index = 0; index < lines.length; index += 2)
          lines[index] = "-120.23,35.88,21,440,63,126,63,2.3252,1";
      }),
      "housing.data",
    );
    expect(rows).toBe(20_640);
    expect(means.MedInc).toBeCloseTo((8.3252 + 2.3252) / 2, 9);
    expect(means.HouseAge).toBe(31);
    expect(means.AveRooms).toBeCloseTo((880 / 126 + 440 / 63) / 2, 9);
    expect(means.AveBedrms).toBeCloseTo((129 / 126 + 1) / 2, 9);
    expect(means.Population).toBe(224);
    expect(means.AveOccup).toBeCloseTo((322 / 126 + 2) / 2, 9);
    expect(means.Latitude).toBeCloseTo(36.88, 9);
    expect(means.Longitude).toBeCloseTo(-121.23, 9);
  });

  test("may end its lines as Windows does", () => {
    expect(parseRawHousing(rawFile(20_640).replaceAll("\n", "\r\n"), "housing.data").rows).toBe(20_640);
  });

  test.each([
    [
      "a header",
      (lines: string[]) => lines.unshift("a,b,c,d,e,f,g,h,i"),
      1,
      'column 1 is "a" and not a number',
    ],
    ["a missing column", (lines: string[]) => (lines[6] = "1,2,3,4,5,6,7,8"), 7, "8 columns instead of 9"],
    ["a further column", (lines: string[]) => (lines[6] = `${ROW},1`), 7, "10 columns instead of 9"],
    [
      "an empty cell",
      (lines: string[]) => (lines[8] = "1,2,,4,5,6,7,8,9"),
      9,
      'column 3 is "" and not a number',
    ],
    [
      "words",
      (lines: string[]) => (lines[8] = "1,2,n/a,4,5,6,7,8,9"),
      9,
      'column 3 is "n/a" and not a number',
    ],
    [
      "no households",
      (lines: string[]) => (lines[2] = "1,2,3,4,5,6,0,8,9"),
      3,
      "column 7 (households) is not above zero",
    ],
    [
      "a missing row",
      (lines: string[]) => lines.pop(),
      20_639,
      "the file ends after 20639 rows instead of 20640",
    ],
    [
      "a further row",
      (lines: string[]) => lines.push(ROW),
      20_641,
      "the file ends after 20641 rows instead of 20640",
    ],
  ])("with $0 is refused, naming the line", (_, change, line, reason) => {
    expect(() => parseRawHousing(rawFile(20_640, change), "my.data")).toThrow(
      expect.objectContaining({
        code: "DATASET_INVALID",
        message: `my.data is not the California housing data: line ${line}: ${reason}.`,
        facts: { file: "my.data", line, reason },
      }),
    );
  });

  test("that is empty is refused", () => {
    expect(() => parseRawHousing("", "my.data")).toThrow(
      expect.objectContaining({ code: "DATASET_INVALID" }),
    );
  });
});

describe("the features in the bucket", () => {
  const HEADER = "MedInc,HouseAge,AveRooms,AveBedrms,Population,AveOccup,Latitude,Longitude";

  test("give their means", () => {
    const summary = parseFeatureCsv(`${HEADER}\n1,2,3,4,5,6,7,-8\n3,4,5,6,7,8,9,-10\n`);
    expect(summary).toEqual({
      rows: 2,
      means: {
        MedInc: 2,
        HouseAge: 3,
        AveRooms: 4,
        AveBedrms: 5,
        Population: 6,
        AveOccup: 7,
        Latitude: 8,
        Longitude: -9,
      },
    });
  });

  test.each([
    ["another header", "a,b,c,d,e,f,g,h\n1,2,3,4,5,6,7,8"],
    ["no rows", HEADER],
    ["a short row", `${HEADER}\n1,2,3`],
    ["words", `${HEADER}\n1,2,3,4,5,6,7,west`],
    ["an empty cell", `${HEADER}\n1,2,3,4,5,6,7,`],
  ])("with $0 are no table", (_, text) => {
    expect(parseFeatureCsv(text)).toBeUndefined();
  });
});
