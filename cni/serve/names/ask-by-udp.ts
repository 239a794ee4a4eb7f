import { createSocket } from 'node:dgram';
import { encodeQuestion, type MessageMeaning, readMessage, type SentQuestion } from './dns-message';
import type { DnsServer } from './dns-server';

/** What came of a question: what the answer means, or the failure of the way. */
export type Reply = Exclude<MessageMeaning, 'foreign'>;

/** Datagrams that are not the answer, before a question is given up: their sender guesses ids. */
const MOST_FOREIGN = 64;

/**
 * Asks a server by UDP, from a port of its own. The socket is connected: the kernel passes only datagrams of the
 * server's address and port.
 */
export function askByUdp(server: DnsServer, question: SentQuestion, timeoutMs: number): Promise<Reply> {
  return new Promise((resolve) => {
    const socket = createSocket(server.address.family === 4 ? 'udp4' : 'udp6');
    let foreign = 0;
    let isOver = false;
    const end = (reply: Reply) => {
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      socket.close();
      resolve(reply);
    };
    const timer = setTimeout(() => end({ failure: 'timeout' }), timeoutMs);
    const unlessRefused = (step: () => void) => {
      try {
        step();
      } catch {
        end({ failure: 'unreachable' });
      }
    };
    socket.on('error', () => end({ failure: 'unreachable' }));
    socket.on('message', (message) => {
      const meaning = readMessage(message, question);
      if (meaning !== 'foreign') end(meaning);
      else if (++foreign >= MOST_FOREIGN) end({ failure: 'malformed' });
    });
    socket.on('connect', () => unlessRefused(() => socket.send(encodeQuestion(question))));
    socket.on('listening', () => unlessRefused(() => socket.connect(server.port, server.address.text)));
    unlessRefused(() => socket.bind({ port: 0, address: server.source?.text, exclusive: true }));
  });
}
