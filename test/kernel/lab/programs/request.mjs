// One request of an echo server: argv is `tcp|udp ADDRESS PORT BYTES MILLISECONDS PAUSE SOURCE-PORT`, with a pause of
// so many milliseconds in the middle, and any source port for 0. Prints the answer, or { "error": … }.
import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import { argv, exit, stdout } from 'node:process';

const [protocol, address, port] = argv.slice(2);
const [bytes, milliseconds, pause, sourcePort] = argv.slice(5).map(Number);
const payload = Buffer.alloc(bytes, 'x');

function finish(text) {
  stdout.write(text, () => exit(0));
}
const fail = (error) => finish(JSON.stringify({ error }));
setTimeout(() => fail('timeout'), milliseconds);

function tcp() {
  let answer = '';
  const localPort = sourcePort === 0 ? undefined : sourcePort;
  const socket = connect({ host: address, port: Number(port), localPort }, () => {
    if (pause > 0) socket.write('x');
    setTimeout(() => socket.end(payload), pause);
  });
  socket.setEncoding('utf8');
  socket.on('data', (text) => {
    answer += text;
  });
  socket.on('end', () => finish(answer));
  socket.on('error', ({ code }) => fail(code));
}

/** Connected, so that the kernel says what ICMP answered. */
function udp() {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  socket.on('error', ({ code }) => fail(code));
  socket.on('message', (data) => finish(data.toString()));
  socket.bind(sourcePort, () =>
    socket.connect(Number(port), address, (error) => {
      if (error) fail(error.code);
      else socket.send(payload);
    }),
  );
}

(protocol === 'tcp' ? tcp : udp)();
