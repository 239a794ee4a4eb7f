import { randomInt } from 'node:crypto';
import type { NameAnswer } from '../../../src/domain/names/name-answer';
import { askByTcp } from './ask-by-tcp';
import { askByUdp, type Reply } from './ask-by-udp';
import type { AddressQuestion, SentQuestion } from './dns-message';
import type { DnsServer } from './dns-server';

/** Milliseconds to wait for an answer of a server. */
const ANSWER_MS = 2000;

/** How often each server is asked, if none answers. */
const ROUNDS = 2;

/** Milliseconds for which a server that did not answer is asked after the others. */
const PENALTY_MS = 30_000;

export interface DnsClientOptions {
  /** At least one, the first one first. */
  readonly servers: readonly DnsServer[];
  /** Milliseconds to wait for an answer of a server. */
  readonly answerMs?: number;
}

/** Asks DNS servers in turn for addresses, until one knows. */
export class DnsClient {
  /** Until when a server is asked after the others, in milliseconds of the monotonic clock. */
  private readonly penalties = new Map<DnsServer, number>();
  private readonly answerMs: number;

  public constructor(private readonly options: DnsClientOptions) {
    this.answerMs = options.answerMs ?? ANSWER_MS;
  }

  /** Never rejects. */
  public async ask(question: AddressQuestion): Promise<NameAnswer> {
    let last: NameAnswer = { failure: 'timeout' };
    for (let round = 0; round < ROUNDS; round++) {
      for (const server of this.inOrder()) {
        last = await this.askServer(server, question);
        if (isFinal(last)) {
          this.penalties.delete(server);
          return last;
        }
        this.penalties.set(server, performance.now() + PENALTY_MS);
      }
    }
    return last;
  }

  private inOrder(): DnsServer[] {
    const now = performance.now();
    const isLate = (server: DnsServer) => Number((this.penalties.get(server) ?? 0) > now);
    return [...this.options.servers].sort((one, other) => isLate(one) - isLate(other));
  }

  private async askServer(server: DnsServer, question: AddressQuestion): Promise<NameAnswer> {
    const reply = await this.askOnce(server, question, true);
    const plain = reply === 'no-edns' ? await this.askOnce(server, question, false) : reply;
    // A server that wants EDNS neither used nor left out.
    return typeof plain === 'string' ? { failure: 'refused' } : plain;
  }

  private async askOnce(server: DnsServer, question: AddressQuestion, hasEdns: boolean): Promise<Reply> {
    const sent = (): SentQuestion => ({ ...question, id: randomInt(0x10000), hasEdns });
    const reply = await askByUdp(server, sent(), this.answerMs);
    return reply === 'truncated' ? askByTcp(server, sent(), this.answerMs) : reply;
  }
}

/** Whether other servers would say the same. */
function isFinal(answer: NameAnswer): boolean {
  return !('failure' in answer) || ['nxdomain', 'empty', 'loop'].includes(answer.failure);
}
