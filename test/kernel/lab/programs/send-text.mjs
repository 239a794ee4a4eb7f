// Sends standard input over a TCP connection as it is, and prints the answer: argv is `ADDRESS PORT`.
import { connect } from 'node:net';
import { argv, stdin, stdout } from 'node:process';

const [host, port] = argv.slice(2);
const socket = connect({ host, port: Number(port) });
socket.on('error', ({ code }) => stdout.write(`error ${code}\n`));
stdin.on('data', (data) => socket.write(data));
socket.setTimeout(5000, () => socket.destroy());
socket.pipe(stdout);
