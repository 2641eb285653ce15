/** Serves the files of one folder over HTTP. Usage: static-server.ts DIR HOST PORT */
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer } from "node:http";
import { join, normalize } from "node:path";

const [dir = ".", host = "127.0.0.1", port = "8879"] = process.argv.slice(2);

const server = createServer((request, response) => {
  // normalize() removes every ".." from an absolute path.
  const path = join(dir, normalize(new URL(request.url ?? "/", "http://any").pathname));
  stat(path)
    .then((info) => {
      if (!info.isFile()) throw new Error("not a file");
      response.writeHead(200, { "content-length": info.size });
      createReadStream(path).pipe(response);
    })
    .catch(() => response.writeHead(404).end("not found\n"))
    .finally(() => console.log(new Date().toISOString(), request.method, request.url, response.statusCode));
});
server.listen(Number(port), host);
