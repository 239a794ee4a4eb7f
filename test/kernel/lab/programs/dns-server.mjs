// A DNS server: argv is its address. Each line of standard input is a zone in JSON, which replaces the one before:
// { NAME: { "A": [ADDRESS, …], "AAAA": …, "ttl": SECONDS, "way": "nxdomain" | "silent" | "truncated" | "malformed" } }.
// Prints a line of JSON when it listens, for each zone that it has read, and for each question.
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { argv, stdin, stdout } from 'node:process';
import { decode, encode } from 'dns-packet';

const [address] = argv.slice(2);
const NXDOMAIN = 3;
const TRUNCATED = 0x200;
let zone = {};

function answer(message, way, from) {
  const { id, questions } = decode(message);
  const [{ name, type }] = questions;
  stdout.write(`${JSON.stringify({ name, type, way, from })}\n`);
  const own = zone[name] ?? { way: 'nxdomain' };
  const reply = (more) => encode({ type: 'response', id, questions, ...more });
  if (own.way === 'silent') return undefined;
  if (own.way === 'nxdomain') return reply({ flags: NXDOMAIN });
  if (own.way === 'truncated' && way === 'udp') return reply({ flags: TRUNCATED });
  const answers = (own[type] ?? []).map((data) => ({ type, name, data, ttl: own.ttl ?? 5 }));
  const whole = reply({ answers });
  return own.way === 'malformed' ? whole.subarray(0, -3) : whole;
}

const udp = createSocket(address.includes(':') ? 'udp6' : 'udp4');
udp.on('message', (message, { address: from, port }) => {
  const reply = answer(message, 'udp', from);
  if (reply !== undefined) udp.send(reply, port, from);
});
const tcp = createServer((socket) => {
  socket.on('error', () => undefined);
  socket.on('data', (data) => {
    const reply = answer(data.subarray(2), 'tcp', socket.remoteAddress);
    if (reply === undefined) return;
    socket.end(Buffer.concat([Buffer.from([reply.length >> 8, reply.length & 0xff]), reply]));
  });
});
udp.bind(53, address, () => tcp.listen(53, address, () => stdout.write('{"listening":true}\n')));

let rest = '';
stdin.setEncoding('utf8').on('data', (text) => {
  const lines = `${rest}${text}`.split('\n');
  rest = lines.pop();
  for (const line of lines) zone = JSON.parse(line);
  for (const _ of lines) stdout.write('{"known":true}\n');
});
