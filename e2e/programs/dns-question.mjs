// Asks a DNS server over UDP: argv is `SERVER NAME TYPE`. Prints the code of the answer and its records as JSON.
import { createSocket } from 'node:dgram';
import { argv, exit, stdout } from 'node:process';
import packet from 'dns-packet';

const [server, name, type] = argv.slice(2);
const socket = createSocket(server.includes(':') ? 'udp6' : 'udp4');
const question = packet.encode({ type: 'query', id: 1, flags: packet.RECURSION_DESIRED, questions: [{ name, type }] });
const ask = () => socket.send(question, 53, server);
socket.on('message', (data) => {
  const { rcode, answers } = packet.decode(data);
  const records = answers.map((answer) => ({ name: answer.name, type: answer.type, data: answer.data }));
  stdout.write(JSON.stringify({ rcode, records }), () => exit(0));
});
// An answer may be lost, as any datagram.
setInterval(ask, 1000);
setTimeout(() => exit(1), 10_000);
ask();
