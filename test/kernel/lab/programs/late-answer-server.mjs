// Accepts TCP connections at `ADDRESS PORT` (argv), and keeps its own direction open when a client closes the other
// one: prints `half-closed`, and sends each line of standard input to the last client. Prints `ready` when it listens.
import { createServer } from 'node:net';
import { argv, stdin, stdout } from 'node:process';
import { createInterface } from 'node:readline';

const [address, port] = argv.slice(2);
let client;
const server = createServer({ allowHalfOpen: true }, (socket) => {
  client = socket;
  socket.on('data', () => socket.write('heard\n'));
  socket.on('end', () => stdout.write('half-closed\n'));
  socket.on('error', ({ code }) => stdout.write(`error ${code}\n`));
});
createInterface({ input: stdin }).on('line', (line) => client.write(`${line}\n`));
server.listen({ host: address, port: Number(port), ipv6Only: true }, () => stdout.write('ready\n'));
