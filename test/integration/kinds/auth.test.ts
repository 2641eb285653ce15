import { cases } from "./auth.cases.ts";
import { testKinds } from "./harness.ts";

testKinds("auth methods", cases);
