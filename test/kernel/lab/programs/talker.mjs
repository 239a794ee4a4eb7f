// One conversation that goes on: argv is `tcp|udp ADDRESS PORT [SOURCE_PORT]`. Sends each line of standard input, and
// prints what happens, a line each: `open`, answers, `error CODE`, `closed`. An input line `half-close` ends a TCP
// conversation's own direction.
import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import { argv, stdin, stdout } from 'node:process';
import { createInterface } from 'node:readline';

const [protocol, host, port, localPort] = argv.slice(2);
const print = (line) => stdout.write(`${line}\n`);
const lines = (data) => String(data).trim().split('\n');

function tcp() {
  const socket = connect({ host, port: Number(port), localPort: Number(localPort ?? 0), allowHalfOpen: true }, () =>
    print('open'),
  );
  socket.on('data', (data) => lines(data).forEach(print));
  socket.on('error', ({ code }) => print(`error ${code}`));
  socket.on('close', () => print('closed'));
  return (line) => (line === 'half-close' ? socket.end() : socket.write(`${line}\n`));
}

/** Never connected: what ICMP answers does not end it, and its source port stays. */
function udp() {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  socket.on('message', (data) => lines(data).forEach(print));
  socket.bind(Number(localPort ?? 0), () => print('open'));
  return (line) => socket.send(line, Number(port), host);
}

const send = (protocol === 'tcp' ? tcp : udp)();
createInterface({ input: stdin }).on('line', send);
