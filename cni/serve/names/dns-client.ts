import { randomInt } from 'node:crypto';
import type { NameAnswer } from '../../../src/domain/names/name-answer';
import { askByTcp } from './ask-by-tcp';
import { askByUdp, type Reply } from './ask-by-udp';
import type { AddressQuestion, SentQuestion } from './dns-message';
import type { DnsServer } from './dns-server';

/** Milliseconds to wait for an answer of a server. */
const ANSWER_MS = 2000;

/** How often each server is asked, if none answers. */
export const ROUNDS = 2;

/** Milliseconds for which a server that did not answer is asked after the others. */
const PENALTY_MS = 30_000;

/** How long a client waits, in milliseconds. */
export interface DnsPatience {
  /** For an answer of a server. */
  readonly answerMs?: number;
  /** For a question to all servers, however often they are asked; absent: as long as that takes. */
  readonly questionMs?: number;
}

export interface DnsClientOptions extends DnsPatience {
  /** At least one, the first one first. */
  readonly servers: readonly DnsServer[];
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
    const { questionMs = Number.POSITIVE_INFINITY } = this.options;
    const end = performance.now() + questionMs;
    let last: NameAnswer = { failure: 'timeout' };
    for (let round = 0; round < ROUNDS; round++) {
      for (const server of this.inOrder()) {
        // A timer may end a part of a millisecond early.
        if (this.patience(end) < 1) return last;
        last = await this.askServer(server, question, end);
        if (isFinalAnswer(last)) {
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

  private async askServer(server: DnsServer, question: AddressQuestion, end: number): Promise<NameAnswer> {
    const reply = await this.askOnce(server, { ...question, hasEdns: true }, end);
    const plain = reply === 'no-edns' ? await this.askOnce(server, { ...question, hasEdns: false }, end) : reply;
    // A server that wants EDNS neither used nor left out.
    return typeof plain === 'string' ? { failure: 'refused' } : plain;
  }

  private async askOnce(server: DnsServer, question: Omit<SentQuestion, 'id'>, end: number): Promise<Reply> {
    const sent = (): SentQuestion => ({ ...question, id: randomInt(0x10000) });
    const reply = await askByUdp(server, sent(), this.patience(end));
    return reply === 'truncated' ? askByTcp(server, sent(), this.patience(end)) : reply;
  }

  /** Milliseconds to wait for an answer, before the end of all. */
  private patience(end: number): number {
    return Math.max(0, Math.min(this.answerMs, end - performance.now()));
  }
}

/** Whether other servers would say the same. */
export function isFinalAnswer(answer: NameAnswer): boolean {
  return !('failure' in answer) || ['nxdomain', 'empty', 'loop'].includes(answer.failure);
}
