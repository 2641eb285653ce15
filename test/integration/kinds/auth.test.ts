import { cases } from "./cases/auth.ts";
import { testKinds } from "./harness/harness.ts";

testKinds("auth methods", cases);
