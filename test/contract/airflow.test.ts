import { fakeAirflow } from "../support/fake-worlds.ts";
import { liveStackFromEnv } from "../support/live-stack.ts";
import { liveAirflow } from "../support/live-worlds.ts";
import { describeAirflowContract } from "./airflow-contract.ts";

describeAirflowContract("the fake", async () => fakeAirflow());

const stack = liveStackFromEnv();
if (stack !== undefined) describeAirflowContract("the real one", async () => liveAirflow(stack));
