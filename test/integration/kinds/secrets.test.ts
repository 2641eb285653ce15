import { cases } from "./cases/secrets.ts";
import { testKinds } from "./harness/harness.ts";

testKinds("secrets engines", cases);
