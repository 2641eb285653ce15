import { cases } from "./cases/identity.ts";
import { testKinds } from "./harness/harness.ts";

testKinds("identity", cases);
