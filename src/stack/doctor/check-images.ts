import { fingerprintLabel, type ImagePlan } from "../images.ts";
import type { Engine } from "../ports.ts";
import { ofStack, type Check } from "./check.ts";

/** Each image that the stack runs: there, and made of the recipe that this release has. */
export async function checkImages(plan: ImagePlan, engine: Engine): Promise<readonly Check[]> {
  const own = await Promise.all(
    [...plan.own, ...(plan.layer === undefined ? [] : [plan.layer])].map(
      async ({ name, tag, fingerprint }) => {
        const labels = await engine.imageLabels(tag);
        if (labels === undefined)
          return ofStack.warning(`image ${name}`, `${tag} has to be built`, "stack up");
        return labels[fingerprintLabel] === fingerprint
          ? ofStack.ok(`image ${name}`, tag)
          : ofStack.warning(`image ${name}`, `${tag} has other contents than its recipe gives`, "stack up");
      },
    ),
  );
  const given = await Promise.all(
    plan.given.map(async (reference) =>
      (await engine.imageLabels(reference)) === undefined
        ? ofStack.warning(`image ${reference}`, "not on the engine yet", `docker pull ${reference}`)
        : ofStack.ok(`image ${reference}`, "chosen in stack.yaml; this release was not tested with it"),
    ),
  );
  return [...own, ...given];
}
