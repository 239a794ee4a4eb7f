// Answers each line, or datagram, with its own address and the peer's: argv is a list of `tcp ADDRESS PORT` and
// `udp ADDRESS PORT`. Prints `ready` when all of them listen.
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { argv, stdout } from 'node:process';

const words = argv.slice(2);
const services = [];
for (let index = 0; index < words.length; index += 3) services.push(words.slice(index, index + 3));

function tcp(address, port) {
  const server = createServer((socket) => {
    socket.on('data', () => socket.write(`${address} ${port} ${socket.remoteAddress}\n`));
    socket.on('error', () => socket.destroy());
  });
  return new Promise((resolve) => server.listen({ port, host: address, ipv6Only: true }, resolve));
}

function udp(address, port) {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  socket.on('message', (_, peer) => socket.send(`${address} ${port} ${peer.address}\n`, peer.port, peer.address));
  return new Promise((resolve) => socket.bind(port, address, resolve));
}

await Promise.all(services.map(([protocol, address, port]) => (protocol === 'tcp' ? tcp : udp)(address, Number(port))));
stdout.write('ready\n');
