import { Conversation, startLinesServer } from '../lab/conversation';
import type { Service } from '../lab/echo';
import type { Namespace } from '../lab/namespace';

/** A TCP connection of another program of the router's pod, which sets a mark. */
export interface ForeignConnection {
  /** Where it leads: to the pod from a client, or from the pod to a client. */
  readonly to: 'pod' | 'client';
  readonly address: string;
  /** Of no other connection. */
  readonly port: number;
  readonly mark: number;
}

/** Connections of another program in the router's pod, such as a mesh's, which uses marks for its own purposes. */
export class ForeignConnections {
  private constructor(
    private readonly pod: Namespace,
    private readonly connections: readonly ForeignConnection[],
    private readonly conversations: readonly Conversation[],
  ) {}

  public static async open(
    pod: Namespace,
    client: Namespace,
    connections: readonly ForeignConnection[],
  ): Promise<ForeignConnections> {
    pod.run('nft', marking(connections));
    const conversations: Conversation[] = [];
    for (const { to, address, port } of connections) {
      const [server, caller] = to === 'pod' ? [pod, client] : [client, pod];
      const service: Service = `tcp ${address} ${port}`;
      await startLinesServer(server, service);
      conversations.push(await Conversation.open(caller, service));
    }
    return new ForeignConnections(pod, connections, conversations);
  }

  /** Asks over each; a deleted one is tracked anew by that. @returns the beginning of each answer */
  public async ask(): Promise<string[]> {
    const answers = [];
    for (const conversation of this.conversations) answers.push((await conversation.ask()) ?? 'nothing');
    return answers.map((answer) => answer.split(' ').slice(0, 2).join(' '));
  }

  /** The mark, and the kernel's number, of each: another one where it was deleted and tracked anew. */
  public identities(): string[] {
    return this.connections.map(({ port, mark }) => {
      const filter = ['-p', 'tcp', '--orig-port-dst', String(port), '--mark', String(mark)];
      const { stdout } = this.pod.try([
        'sh',
        '-c',
        'conntrack -L -o id -f ipv4 "$@"; conntrack -L -o id -f ipv6 "$@"',
        '-',
        ...filter,
      ]);
      return `${mark} ${/ id=(\d+)/.exec(stdout)?.[1] ?? 'gone'}`;
    });
  }
}

const CHAINS = { pod: 'prerouting', client: 'output' } as const;

function marking(connections: readonly ForeignConnection[]): string {
  const chains = Object.values(CHAINS).map(
    (hook) => `add chain inet mesh ${hook} { type filter hook ${hook} priority mangle; }`,
  );
  const rules = connections.map(
    ({ to, port, mark }) => `add rule inet mesh ${CHAINS[to]} tcp dport ${port} ct mark set ${mark}`,
  );
  return ['add table inet mesh', ...chains, ...rules].join('; ');
}
