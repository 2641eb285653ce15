import { testKinds } from "./harness.ts";
import { cases } from "./system.cases.ts";

testKinds("what Vault itself has", cases);
