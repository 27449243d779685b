import { StackError } from "../../lib/errors.ts";

/** The features of the California housing data, in scikit-learn's order. */
export const housingFeatures = [
  "MedInc",
  "HouseAge",
  "AveRooms",
  "AveBedrms",
  "Population",
  "AveOccup",
  "Latitude",
  "Longitude",
] as const;

export type HousingFeature = (typeof housingFeatures)[number];
export type FeatureMeans = Readonly<Record<HousingFeature, number>>;

export interface HousingSummary {
  readonly rows: number;
  readonly means: FeatureMeans;
}

const HOUSING_ROWS = 20_640;
const RAW_COLUMNS = 9;

/**
 * Reads the raw data file: 20640 rows without a header of longitude, latitude, age, rooms, bedrooms, population,
 * households, income, value. Throws DATASET_INVALID with the line that isn't so.
 */
export function parseRawHousing(text: string, file: string): HousingSummary {
  const lines = text.trimEnd().split("\n");
  const rows = lines.map((line, index) => featuresFromRaw(line, file, index + 1));
  if (rows.length !== HOUSING_ROWS) {
    throw invalid(file, rows.length, `the file ends after ${rows.length} rows instead of ${HOUSING_ROWS}`);
  }
  return summarize(rows);
}

/** Reads what the tutorial DAG logs as `features.csv`; undefined when it isn't a table of the eight features. */
export function parseFeatureCsv(text: string): HousingSummary | undefined {
  const [header, ...lines] = text.trimEnd().split(/\r?\n/u);
  if (header !== housingFeatures.join(",") || lines.length === 0) return undefined;
  const rows = lines.map((line) => line.split(",").map(numberFrom));
  const isTable = rows.every((row) => row.length === housingFeatures.length && row.every(Number.isFinite));
  return isTable ? summarize(rows) : undefined;
}

function featuresFromRaw(line: string, file: string, lineNumber: number): readonly number[] {
  const cells = line.split(",");
  if (cells.length !== RAW_COLUMNS) {
    throw invalid(file, lineNumber, `${cells.length} columns instead of ${RAW_COLUMNS}`);
  }
  const values = cells.map(numberFrom);
  const wrong = values.findIndex((value) => !Number.isFinite(value));
  if (wrong !== -1) {
    throw invalid(file, lineNumber, `column ${wrong + 1} is "${cells[wrong]?.trim()}" and not a number`);
  }
  const [
    longitude = 0,
    latitude = 0,
    age = 0,
    rooms = 0,
    bedrooms = 0,
    population = 0,
    households = 0,
    income = 0,
  ] = values;
  if (households <= 0) throw invalid(file, lineNumber, "column 7 (households) is not above zero");
  return [
    income,
    age,
    rooms / households,
    bedrooms / households,
    population,
    population / households,
    latitude,
    longitude,
  ];
}

function numberFrom(cell: string): number {
  return cell.trim() === "" ? Number.NaN : Number(cell);
}

function summarize(rows: readonly (readonly number[])[]): HousingSummary {
  const mean = (feature: HousingFeature) => {
    const column = housingFeatures.indexOf(feature);
    return rows.reduce((sum, row) => sum + (row[column] ?? Number.NaN), 0) / rows.length;
  };
  const means = {
    MedInc: mean("MedInc"),
    HouseAge: mean("HouseAge"),
    AveRooms: mean("AveRooms"),
    AveBedrms: mean("AveBedrms"),
    Population: mean("Population"),
    AveOccup: mean("AveOccup"),
    Latitude: mean("Latitude"),
    Longitude: mean("Longitude"),
  };
  return { rows: rows.length, means };
}

function invalid(file: string, line: number, reason: string): StackError {
  return new StackError(
    "DATASET_INVALID",
    `${file} is not the California housing data: line ${line}: ${reason}.`,
    {
      hint: `Give the raw file: ${HOUSING_ROWS} rows of ${RAW_COLUMNS} numbers, separated by commas, without a header.`,
      facts: { file, line, reason },
    },
  );
}
