// A DNS server: argv is its address. Each line of standard input is a zone in JSON, which replaces the one before:
// { NAME: { "A": [ADDRESS, …], "AAAA": …, "ttl": SECONDS, "way": "nxdomain" | "silent" | "truncated" | "malformed",
//   "alias": NAME, "delay": MILLISECONDS, "forged": { "A": ADDRESS, "guesses": COUNT, "from": ADDRESS } } }.
// A forged answer precedes the true one: with guessed ids, and with the right id from another port and address.
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
  const whole = reply({ answers: answersOf(name, type) });
  return own.way === 'malformed' ? whole.subarray(0, -3) : whole;
}

/** The aliases from a name on, each once, and the addresses at their end. */
function answersOf(name, type) {
  const answers = [];
  for (let owner = name; ; owner = zone[owner].alias) {
    const { [type]: addresses = [], ttl = 5, alias } = zone[owner] ?? {};
    answers.push(...addresses.map((data) => ({ type, name: owner, data, ttl })));
    if (alias === undefined || answers.some((answer) => answer.type === 'CNAME' && answer.name === owner))
      return answers;
    answers.push({ type: 'CNAME', name: owner, data: alias, ttl });
  }
}

/** Sends what another host would, that does not see the question: its id is a guess, or its port and address are. */
function forge(message, { port, address: to }) {
  const { id, questions } = decode(message);
  const [{ name, type }] = questions;
  const forged = zone[name]?.forged;
  if (forged === undefined || forged[type] === undefined) return;
  const answers = [{ type, name, data: forged[type], ttl: 5 }];
  const reply = (guess) => encode({ type: 'response', id: guess & 0xffff, questions, answers });
  for (let guess = 1; guess <= forged.guesses; guess++) udp.send(reply(id + guess), port, to);
  for (const [from, source] of [
    [address, 5353],
    [forged.from, 53],
  ]) {
    const other = createSocket('udp4').on('error', () => undefined);
    other.bind(source, from, () => other.send(reply(id), port, to, () => other.close()));
  }
}

const udp = createSocket(address.includes(':') ? 'udp6' : 'udp4');
udp.on('message', (message, from) => {
  const reply = answer(message, 'udp', from.address);
  forge(message, from);
  const { delay = 0, forged } = zone[decode(message).questions[0].name] ?? {};
  const wait = forged === undefined ? delay : 200;
  if (reply !== undefined) setTimeout(() => udp.send(reply, from.port, from.address), wait);
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
