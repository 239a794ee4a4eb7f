// Servers that tell clients who they are and whom they asked: argv is FOLDER and a list of `ADDRESS PORT NAME`, and
// FOLDER has the certificate of each NAME. A client that begins with TLS gets an answer of HTTP; any other one that
// of test/kernel/lab/programs/echo-server.mjs. Prints `ready` when all of them listen.
import { readFileSync } from 'node:fs';
import { createServer as createHttps } from 'node:https';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { argv, stdout } from 'node:process';

/** The first byte of a TLS connection: a record of the handshake. */
const HANDSHAKE = 0x16;

const [folder, ...words] = argv.slice(2);
const services = [];
for (let index = 0; index < words.length; index += 3) services.push(words.slice(index, index + 3));

function https(name) {
  const [cert, key] = ['crt', 'key'].map((ending) => readFileSync(join(folder, `${name}.${ending}`)));
  return createHttps({ cert, key }, ({ socket, headers }, response) => {
    response.setHeader('connection', 'close');
    const { remoteAddress: peer, localAddress: server, servername } = socket;
    response.end(`${JSON.stringify({ peer, name, server, host: headers.host, servername })}\n`);
  });
}

/** Answers when the client has sent everything. */
function echo(socket) {
  let bytes = 0;
  const { remoteAddress: peer, remotePort: port } = socket;
  socket.on('data', (data) => {
    bytes += data.length;
  });
  socket.on('end', () => socket.end(`${JSON.stringify({ peer, port, bytes })}\n`));
}

function serve(address, port, name) {
  const secure = https(name);
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => socket.destroy());
    const give = (first) => {
      if (first?.[0] === HANDSHAKE) secure.emit('connection', socket);
      else echo(socket);
    };
    socket.once('readable', () => {
      const first = socket.read();
      if (first !== null) socket.unshift(first);
      give(first);
    });
  });
  return new Promise((resolve) => server.listen({ port, host: address, ipv6Only: true }, resolve));
}

await Promise.all(services.map(([address, port, name]) => serve(address, Number(port), name)));
stdout.write('ready\n');
