// Says who asked: argv is a list of `tcp ADDRESS PORT` and `udp ADDRESS PORT`. Prints `ready` when all of them listen.
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { argv, stdout } from 'node:process';

const words = argv.slice(2);
const services = [];
for (let index = 0; index < words.length; index += 3) services.push(words.slice(index, index + 3));

const describe = (peer, port, bytes) => `${JSON.stringify({ peer, port, bytes })}\n`;

/** Answers when the client has sent everything. */
function tcp(address, port) {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    let bytes = 0;
    socket.on('data', (data) => {
      bytes += data.length;
    });
    socket.on('end', () => socket.end(describe(socket.remoteAddress, socket.remotePort, bytes)));
    socket.on('error', () => socket.destroy());
  });
  return new Promise((resolve) => server.listen({ port, host: address, ipv6Only: true }, resolve));
}

function udp(address, port) {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  socket.on('message', (data, peer) =>
    socket.send(describe(peer.address, peer.port, data.length), peer.port, peer.address),
  );
  return new Promise((resolve) => socket.bind(port, address, resolve));
}

await Promise.all(services.map(([protocol, address, port]) => (protocol === 'tcp' ? tcp : udp)(address, Number(port))));
stdout.write('ready\n');
