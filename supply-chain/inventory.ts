import { parseShape, v } from "../src/lib/schema.ts";
import { docker } from "../test/support/run.ts";

/** A package in an image, as its own system of packages knows it. */
export interface Package {
  readonly kind: "deb" | "pypi" | "golang";
  readonly name: string;
  readonly version: string;
  /** Debian's word: "amd64", "all". */
  readonly architecture?: string;
  /** An SPDX expression; undefined where the package has none. */
  readonly license?: string;
}

export interface Inventory {
  /** The image's id, which is a digest of its contents and settings. */
  readonly imageId: string;
  /** ISO 8601. */
  readonly createdAt: string;
  /** Debian's release: "13". */
  readonly release: string;
  readonly packages: readonly Package[];
}

// One start of the container, without a network, that prints a part for each system of packages.
const script = String.raw`set -eu
. /etc/os-release
printf '%s\n' "$VERSION_ID"
echo '--- deb'
dpkg-query -W -f '${"$"}{Package}\t${"$"}{Version}\t${"$"}{Architecture}\n'
echo '--- pypi'
if [ -x /opt/venv/bin/python ]; then /opt/venv/bin/python - <<'PYTHON'
import importlib.metadata, json
for one in importlib.metadata.distributions():
    told = one.metadata
    print(json.dumps({"name": told["Name"], "version": one.version, "license": told.get("License-Expression") or ""}))
PYTHON
fi
# The image has the program alone, without the package that it came in.
if [ -x /usr/local/bin/ruff ]; then
  /usr/local/bin/ruff --version | sed 's/^ruff \([^ ]*\).*/{"name": "ruff", "version": "\1", "license": "MIT"}/'
fi
echo '--- golang'
# What Go writes into a program of the modules that it was built from.
if [ -x /usr/local/bin/minio ]; then
  LC_ALL=C grep -aE '^(mod|dep)	[a-z0-9.-]+\.[a-z]+/?' /usr/local/bin/minio
fi
`;

/** Looks into an image that the engine has. */
export async function takeInventory(tag: string): Promise<Inventory> {
  const created = await docker("image", "inspect", "--format", "{{.Id}} {{.Created}}", tag);
  const [imageId = "", createdAt = ""] = created.split(" ");
  const sealed = ["run", "--rm", "--network=none", "--entrypoint=sh"];
  return { imageId, createdAt, ...parseInventory(await docker(...sealed, tag, "-c", script)) };
}

/** From what the script printed. */
export function parseInventory(text: string): Pick<Inventory, "release" | "packages"> {
  const [release = "", ...parts] = text.split(/^--- (?:deb|pypi|golang)\n?/mu);
  const [deb = [], pypi = [], golang = []] = parts.map((part) =>
    part.split("\n").filter((line) => line !== ""),
  );
  return {
    release: release.trim(),
    packages: [...deb.map(debianPackage), ...pypi.map(pythonPackage), ...golang.map(goModule)],
  };
}

function debianPackage(line: string): Package {
  const [name = "", version = "", architecture = ""] = line.split("\t");
  return { kind: "deb", name, version, architecture };
}

const distribution = v.object({ name: v.string(), version: v.string(), license: v.string() });

function pythonPackage(line: string): Package {
  const { name, version, license } = parseShape(distribution, JSON.parse(line), "a Python package");
  // As package indexes compare names.
  const normal = name.toLowerCase().replaceAll(/[-_.]+/gu, "-");
  return { kind: "pypi", name: normal, version, ...(license === "" ? {} : { license }) };
}

function goModule(line: string): Package {
  const [, name = "", version = ""] = line.split("\t");
  return { kind: "golang", name, version };
}
