// Connects from local addresses to ports of a server that answers lines: argv is `SERVER`, then `ADDRESS PORT` for each
// connection. Prints a line of JSON: what each heard, or an error's code.
import { connect } from 'node:net';
import { argv, stdout } from 'node:process';

const [host, ...words] = argv.slice(2);
const calls = [];
for (let index = 0; index < words.length; index += 2) calls.push(words.slice(index, index + 2));

function ask([localAddress, port]) {
  return new Promise((resolve) => {
    const socket = connect({ host, port: Number(port), localAddress }, () => socket.write('?\n'));
    socket.setTimeout(5000, () => socket.destroy(Object.assign(new Error(), { code: 'timeout' })));
    socket.on('data', (data) => {
      resolve(String(data).trim());
      socket.resetAndDestroy();
    });
    socket.on('error', ({ code }) => resolve(`error ${code}`));
  });
}

const heard = await Promise.all(calls.map(ask));
stdout.write(`${JSON.stringify(heard)}\n`);
