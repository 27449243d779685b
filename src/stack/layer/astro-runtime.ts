/** The Airflow that a base image stands for. */
export interface RuntimeBase {
  /** "Astro Runtime 9.1.0", "Airflow image 2.9.1". */
  readonly name: string;
  /** Airflow's major and minor version, "2.7"; undefined when the tag doesn't tell. */
  readonly airflow: string | undefined;
}

/** Up to Airflow 2, each major version of Astro Runtime brought the next minor version of Airflow. */
const airflowOfRuntime: Readonly<Record<string, string>> = {
  "3": "2.1",
  "4": "2.2",
  "5": "2.3",
  "6": "2.4",
  "7": "2.5",
  "8": "2.6",
  "9": "2.7",
  "10": "2.8",
  "11": "2.9",
  "12": "2.10",
  "13": "2.11",
};

/** What an image reference says about Airflow; undefined for an image that is neither Astro's nor Airflow's own. */
export function runtimeOf(reference: string): RuntimeBase | undefined {
  const [, name = "", tag = ""] =
    /^(?:[^/]+\/)*?((?:astronomer|astrocrpublic\.[^/]+)\/(?:astro-)?runtime|apache\/airflow)(?::([\w.-]+))?(?:@sha256:[a-f0-9]{64})?$/u.exec(
      reference,
    ) ?? [];
  if (name === "") return undefined;
  const isOfficial = name === "apache/airflow";
  const label = isOfficial ? "Airflow image" : "Astro Runtime";
  const version = /^\d+\.\d+(?:[.-]\d+)?/u.exec(tag)?.[0];
  if (version === undefined) return { name: tag === "" ? label : `${label} ${tag}`, airflow: undefined };
  const [major = "", minor = ""] = version.split(/[.-]/u);
  // Since Airflow 3, "3.1-4" is the fourth runtime of Airflow 3.1; before, "9.1.0" had a count of its own.
  const isOfAirflow = isOfficial || version.includes("-");
  return {
    name: `${label} ${version}`,
    airflow: isOfAirflow ? `${major}.${minor}` : airflowOfRuntime[major],
  };
}
