import { fakeObjectStore } from "../support/fake-worlds.ts";
import { liveStackFromEnv } from "../support/live-stack.ts";
import { liveObjectStore } from "../support/live-worlds.ts";
import { describeObjectStoreContract } from "./object-store-contract.ts";

describeObjectStoreContract("the fake", async () => fakeObjectStore());

const stack = liveStackFromEnv();
if (stack !== undefined) describeObjectStoreContract("the real one", async () => liveObjectStore(stack));
