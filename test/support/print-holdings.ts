import { readHoldings } from "./holdings.ts";
import { secretOf, type Ports } from "./test-project.ts";

/* What a stack holds, as JSON: for a test that can't reach the stack's ports from where it runs itself. */
const [dir = "", ports = ""] = process.argv.slice(2);
const project = {
  ports: JSON.parse(ports) as Ports,
  secret: async (name: string) => await secretOf(dir, name),
};
process.stdout.write(JSON.stringify(await readHoldings(project)));
