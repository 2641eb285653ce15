import { testKinds } from "./harness.ts";
import { cases } from "./identity.cases.ts";

testKinds("identity", cases);
