import { fakeMlflow } from "../support/fake-worlds.ts";
import { liveStackFromEnv } from "../support/live-stack.ts";
import { liveMlflow } from "../support/live-worlds.ts";
import { describeMlflowContract } from "./mlflow-contract.ts";

describeMlflowContract("the fake", async () => fakeMlflow());

const stack = liveStackFromEnv();
if (stack !== undefined) describeMlflowContract("the real one", async () => liveMlflow(stack));
