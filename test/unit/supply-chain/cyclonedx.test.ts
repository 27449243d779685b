import { expect, test } from "vitest";
import { cycloneDx, purlOf } from "../../../supply-chain/cyclonedx.ts";
import { parseInventory, type Inventory } from "../../../supply-chain/inventory.ts";

const printed = `13
--- deb
libc6\t2.41-12+deb13u5\tamd64
passwd\t1:4.17.4-2\tamd64
--- pypi
{"name": "Flask_Login", "version": "0.6.3", "license": "MIT"}
{"name": "boto3", "version": "1.40.0", "license": ""}
--- golang
mod\tgithub.com/minio/minio\tv0.0.0-20260212201848-7aac2a2c5b7c\th1:/q=
dep\taead.dev/mem\tv0.2.0\th1:uf=
`;
const inventory: Inventory = {
  imageId: `sha256:${"ab".repeat(32)}`,
  createdAt: "2026-11-24T21:45:09.5Z",
  ...parseInventory(printed),
};

test("an image's packages are read from each of its systems", () => {
  expect(inventory.release).toBe("13");
  expect(inventory.packages).toEqual([
    { kind: "deb", name: "libc6", version: "2.41-12+deb13u5", architecture: "amd64" },
    { kind: "deb", name: "passwd", version: "1:4.17.4-2", architecture: "amd64" },
    { kind: "pypi", name: "flask-login", version: "0.6.3", license: "MIT" },
    { kind: "pypi", name: "boto3", version: "1.40.0" },
    { kind: "golang", name: "github.com/minio/minio", version: "v0.0.0-20260212201848-7aac2a2c5b7c" },
    { kind: "golang", name: "aead.dev/mem", version: "v0.2.0" },
  ]);
  expect(parseInventory("12\n--- deb\n--- pypi\n--- golang\n")).toEqual({ release: "12", packages: [] });
});

test("each is named by its package URL", () => {
  expect(inventory.packages.map((one) => purlOf(one, "13"))).toEqual([
    "pkg:deb/debian/libc6@2.41-12%2Bdeb13u5?arch=amd64&distro=debian-13",
    "pkg:deb/debian/passwd@1%3A4.17.4-2?arch=amd64&distro=debian-13",
    "pkg:pypi/flask-login@0.6.3",
    "pkg:pypi/boto3@1.40.0",
    "pkg:golang/github.com/minio/minio@v0.0.0-20260212201848-7aac2a2c5b7c",
    "pkg:golang/aead.dev/mem@v0.2.0",
  ]);
});

test("a package that is found twice is listed once, and the same image gives the same document", () => {
  const twice = { ...inventory, packages: inventory.packages.flatMap((one) => [one, one]).toReversed() };
  const bill = cycloneDx("stack-minio:1-ab", inventory);
  expect(cycloneDx("stack-minio:1-ab", twice)).toEqual(bill);
  expect(bill).toMatchObject({
    serialNumber: expect.stringMatching(
      /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/u,
    ),
    metadata: { component: { name: "stack-minio", version: "1-ab" } },
  });
  expect(bill).toHaveProperty("components.length", inventory.packages.length + 1);
});
