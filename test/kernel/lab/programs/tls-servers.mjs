// Servers of many names, each on an address of its own: argv is FOLDER and a list of `ADDRESS NAME`, and FOLDER has the
// certificate of each NAME. Each says the peer's address on port 443, for any name that a client sends. Prints `ready`.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { argv, stdout } from 'node:process';
import { createSecureContext, TLSSocket } from 'node:tls';

const [folder, ...words] = argv.slice(2);

function serve(address, name) {
  const [cert, key] = ['crt', 'key'].map((ending) => readFileSync(join(folder, `${name}.${ending}`)));
  const secureContext = createSecureContext({ cert, key });
  const server = createServer((socket) => {
    const secure = new TLSSocket(socket, { isServer: true, secureContext });
    secure.on('error', () => socket.destroy());
    secure.end(socket.remoteAddress);
  });
  return new Promise((resolve) => server.listen({ host: address, port: 443 }, resolve));
}

const listening = [];
for (let index = 0; index < words.length; index += 2) listening.push(serve(words[index], words[index + 1]));
await Promise.all(listening);
stdout.write('ready\n');
