import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { repository } from "./run.ts";

const columns = [
  "MedInc",
  "HouseAge",
  "AveRooms",
  "AveBedrms",
  "Population",
  "AveOccup",
  "Latitude",
  "Longitude",
];

/** Known from the published data set, six decimals. */
export const trueMeans: Readonly<Record<string, number>> = {
  MedInc: 3.870671,
  HouseAge: 28.639486,
  AveRooms: 5.429,
  AveBedrms: 1.096675,
  Population: 1425.476744,
  AveOccup: 3.070655,
  Latitude: 35.631861,
  Longitude: -119.569704,
};

export interface HousingFile {
  readonly path: string;
  readonly isReal: boolean;
  /** By column name, computed here from the file's rows. */
  readonly means: Readonly<Record<string, number>>;
}

/**
 * The published file where this machine has it (STACK_TEST_DATASET, or shared/data beside the repository), else
 * one of the same form with made-up rows, written into `dir`.
 */
export async function provideHousing(dir: string): Promise<HousingFile> {
  const places = [
    process.env["STACK_TEST_DATASET"],
    join(repository, "..", "shared", "data", "cal_housing.data"),
  ];
  const real = places.find((path) => path !== undefined && existsSync(path));
  const path = real ?? join(dir, "cal_housing.data");
  if (real === undefined) await writeFile(path, madeUpRows());
  const rows = (await readFile(path, "utf8"))
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => line.split(",").map(Number));
  return { path, isReal: real !== undefined, means: meansOf(rows) };
}

/** Longitude, latitude, age, rooms, bedrooms, population, households, income, value: as the published file. */
function madeUpRows(): string {
  const rows = Array.from({ length: 20_640 }, (_, index) => {
    const wave = (period: number): number => (index % period) / period;
    const households = 100 + Math.round(500 * wave(97));
    return [
      -124 + 10 * wave(211),
      32 + 9 * wave(173),
      1 + (index % 52),
      households * (4 + Math.round(3 * wave(31))),
      households * (1 + Math.round(wave(17))),
      households * (2 + Math.round(2 * wave(13))),
      households,
      0.5 + 14 * wave(331),
      15_000 + 480_000 * wave(113),
    ].join(",");
  });
  return `${rows.join("\n")}\n`;
}

function meansOf(rows: readonly (readonly number[])[]): Record<string, number> {
  const features = rows.map(
    ([
      longitude = 0,
      latitude = 0,
      age = 0,
      rooms = 0,
      bedrooms = 0,
      population = 0,
      households = 1,
      income = 0,
    ]) => [
      income,
      age,
      rooms / households,
      bedrooms / households,
      population,
      population / households,
      latitude,
      longitude,
    ],
  );
  return Object.fromEntries(
    columns.map((name, column) => [
      name,
      features.reduce((sum, row) => sum + (row[column] ?? 0), 0) / features.length,
    ]),
  );
}
