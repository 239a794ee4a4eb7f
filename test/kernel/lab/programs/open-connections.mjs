// Keeps TCP connections open: argv is `ADDRESS PORT COUNT TEXT`. Each sends TEXT and reads nothing; one that ends is
// opened again. Prints a line `open` when all are.
import { connect } from 'node:net';
import { argv, stdout } from 'node:process';

const [host, port, count, text] = argv.slice(2);
let opened = 0;

function open() {
  const socket = connect({ host, port: Number(port) }, () => {
    socket.write(text);
    if (++opened === Number(count)) stdout.write('open\n');
  });
  socket.pause();
  socket.on('error', () => undefined);
  // A pause, so that the program leaves processor time to others.
  socket.on('close', () => setTimeout(open, 20));
}

for (let index = 0; index < Number(count); index++) open();
