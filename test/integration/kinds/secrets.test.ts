import { testKinds } from "./harness.ts";
import { cases } from "./secrets.cases.ts";

testKinds("secrets engines", cases);
