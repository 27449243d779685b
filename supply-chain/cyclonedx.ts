import { createHash } from "node:crypto";
import type { Inventory, Package } from "./inventory.ts";

/** The bill of materials of an image as CycloneDX 1.6; the same image gives the same document. */
export function cycloneDx(tag: string, { imageId, createdAt, release, packages }: Inventory): object {
  const [name = tag, version = ""] = tag.split(":");
  const components = new Map(packages.map((one) => [purlOf(one, release), one]));
  const system = {
    type: "operating-system",
    name: "debian",
    version: release,
    "bom-ref": "operating-system",
  };
  return {
    $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    serialNumber: `urn:uuid:${uuidFrom(imageId)}`,
    version: 1,
    metadata: {
      timestamp: createdAt,
      component: {
        type: "container",
        "bom-ref": tag,
        name,
        version,
        properties: [{ name: "io.github.stack:image-id", value: imageId }],
      },
    },
    components: [
      system,
      ...[...components]
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([purl, one]) => ({
          type: "library",
          "bom-ref": purl,
          name: one.name,
          version: one.version,
          purl,
          ...(one.license === undefined ? {} : { licenses: [{ expression: one.license }] }),
        })),
    ],
  };
}

/** The package's URL, by the rules of its type. */
export function purlOf({ kind, name, version, architecture = "" }: Package, release: string): string {
  const path = name.split("/").map(encodeURIComponent).join("/");
  const at = encodeURIComponent(version);
  if (kind === "deb") return `pkg:deb/debian/${path}@${at}?arch=${architecture}&distro=debian-${release}`;
  return `pkg:${kind}/${path}@${at}`;
}

/** An RFC 9562 UUID of version 8, whose contents are the maker's own. */
function uuidFrom(text: string): string {
  const hex = createHash("sha256").update(text).digest("hex");
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `a${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join("-");
}
