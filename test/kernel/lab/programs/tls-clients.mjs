// Connects to many servers at once, each on port 443, and verifies the name of each: argv is AUTHORITY and a list of
// `ADDRESS NAME`. Prints what came of it by name as JSON: what the server said, or why there was no answer.
import { readFileSync } from 'node:fs';
import { argv, stdout } from 'node:process';
import { connect } from 'node:tls';

const [authority, ...words] = argv.slice(2);
const ca = readFileSync(authority);

function ask(host, servername) {
  return new Promise((resolve) => {
    let said = '';
    const socket = connect({ host, port: 443, servername, ca }, () => socket.setEncoding('utf8'));
    socket.on('data', (text) => {
      said += text;
    });
    socket.on('error', ({ code, message }) => resolve([servername, code ?? message]));
    socket.on('close', () => resolve([servername, said]));
    socket.setTimeout(10_000, () => socket.destroy(new Error('timeout')));
  });
}

const asked = [];
for (let index = 0; index < words.length; index += 2) asked.push(ask(words[index], words[index + 1]));
stdout.write(JSON.stringify(Object.fromEntries(await Promise.all(asked))));
