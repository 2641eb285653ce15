import { down } from "./cluster.ts";

try {
  await down();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
