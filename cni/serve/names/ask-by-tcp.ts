import { connect } from 'node:net';
import type { Reply } from './ask-by-udp';
import { encodeQuestion, MOST_MESSAGE_BYTES, readMessage, type SentQuestion } from './dns-message';
import type { DnsServer } from './dns-server';

/** Bytes of a message's length, before the message. */
const LENGTH_BYTES = 2;

/** Asks a server by TCP, as after a truncated answer. The connection carries one question. */
export function askByTcp(server: DnsServer, question: SentQuestion, timeoutMs: number): Promise<Reply> {
  return new Promise((resolve) => {
    const { address, port, source } = server;
    const socket = connect({ host: address.text, port, localAddress: source?.text });
    let received: Buffer = Buffer.alloc(0);
    const end = (reply: Reply) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(reply);
    };
    const timer = setTimeout(() => end({ failure: 'timeout' }), timeoutMs);
    socket.on('error', () => end({ failure: 'unreachable' }));
    socket.on('close', () => end({ failure: 'malformed' }));
    socket.on('connect', () => socket.write(withLength(encodeQuestion(question))));
    socket.on('data', (part) => {
      received = Buffer.concat([received, part]);
      const reply = replyOf(received, question);
      if (reply !== undefined) end(reply);
    });
  });
}

function withLength(message: Buffer): Buffer {
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt16BE(message.length);
  return Buffer.concat([length, message]);
}

/** @returns undefined as long as the message is incomplete */
function replyOf(received: Buffer, question: SentQuestion): Reply | undefined {
  if (received.length < LENGTH_BYTES) return undefined;
  const length = received.readUInt16BE(0);
  if (length > MOST_MESSAGE_BYTES) return { failure: 'malformed' };
  if (received.length < LENGTH_BYTES + length) return undefined;
  const meaning = readMessage(received.subarray(LENGTH_BYTES, LENGTH_BYTES + length), question);
  // Nothing else can come: the connection is the question's own. Nor is there a longer form.
  return meaning === 'foreign' || meaning === 'truncated' ? { failure: 'malformed' } : meaning;
}
