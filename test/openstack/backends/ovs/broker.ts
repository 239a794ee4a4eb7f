import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Namespace } from '../../../kernel/lab/namespace';
import {
  freePort,
  logTail,
  type NamedCommand,
  type SupervisedPrograms,
  startSupervised,
} from '../../../support/supervised-programs';
import { PATIENCE, programEnvironment } from '../hypervisors';

/** The port of RabbitMQ in its network namespace, and of its entrance in those of the hypervisors. */
const AMQP = 5672;

/**
 * RabbitMQ, by which Neutron and its agents talk.
 *
 * In a network namespace of its own, because it listens on ports that another one on this machine may have. Others
 * reach it through a socket in its folder.
 */
export class Broker {
  private constructor(
    private readonly folder: string,
    /** Where Neutron reaches it. */
    public readonly url: string,
    private readonly namespace: Namespace,
    private readonly programs: SupervisedPrograms,
  ) {}

  /** @param unpacked folder of the unpacked packages */
  public static async start(unpacked: string): Promise<Broker> {
    const root = join(unpacked, 'root');
    const folder = mkdtempSync(join(tmpdir(), 'egress-router-broker-'));
    const namespace = Namespace.create(`os-broker-${process.pid}`);
    const port = await freePort();
    const inside = ['ip', 'netns', 'exec', namespace.name] as const;
    const erlang = join(root, 'usr/lib/erlang');
    const programs = join(erlang, only(erlang, 'erts-'), 'bin');
    const commands: NamedCommand[] = [
      // Otherwise RabbitMQ starts one that outlives it.
      ['epmd', ...inside, join(programs, 'epmd')],
      ['rabbitmq', ...inside, join(programs, 'erlexec'), '-noinput', '-boot', 'start_sasl', '-s', 'rabbit', 'boot'],
      ['door', ...inside, 'socat', `UNIX-LISTEN:${folder}/door.sock,fork`, `TCP:127.0.0.1:${AMQP}`],
      ['entrance', ...entrance(folder, port)],
    ];
    const supervised = startSupervised(folder, commands, rabbitEnvironment(root, folder, erlang, programs));
    const broker = new Broker(folder, url(port), namespace, supervised);
    try {
      await broker.untilListening();
      return broker;
    } catch (error) {
      const log = logTail(folder, 'rabbitmq');
      await broker.stop();
      throw new Error(`RabbitMQ did not start: ${(error as Error).message}\n${log}`);
    }
  }

  /** Where a hypervisor's agent reaches it, through an entrance there. */
  public get urlOnHypervisor(): string {
    return url(AMQP);
  }

  /** A program that a hypervisor runs. */
  public get entranceOnHypervisor(): [program: string, ...args: string[]] {
    return entrance(this.folder, AMQP);
  }

  public async stop(): Promise<void> {
    await this.programs.stop();
    this.namespace[Symbol.dispose]();
  }

  private async untilListening(): Promise<void> {
    for (const start = Date.now(); ; await sleep(100)) {
      if (this.namespace.try(['bash', '-c', `exec 3<>/dev/tcp/127.0.0.1/${AMQP}`]).status === 0) return;
      const problem = this.programs.endedEarly() ?? (Date.now() - start > PATIENCE ? 'it does not listen' : undefined);
      if (problem !== undefined) throw new Error(problem);
    }
  }
}

function url(port: number): string {
  return `rabbit://guest:guest@127.0.0.1:${port}/`;
}

/** A program whose port of the loopback address leads to the broker. */
function entrance(folder: string, port: number): [program: string, ...args: string[]] {
  return ['socat', `TCP-LISTEN:${port},bind=127.0.0.1,reuseaddr,fork`, `UNIX-CONNECT:${folder}/door.sock`];
}

/** Debian's scripts run what is installed below `/usr`, as another user. */
function rabbitEnvironment(root: string, folder: string, erlang: string, programs: string): NodeJS.ProcessEnv {
  const env = programEnvironment(root);
  const servers = join(root, 'usr/lib/rabbitmq/lib');
  const home = join(servers, only(servers, 'rabbitmq_server-'));
  return {
    ...env,
    PATH: `${programs}:${env.PATH}`,
    ROOTDIR: erlang,
    BINDIR: programs,
    EMU: 'beam',
    PROGNAME: 'erl',
    ERL_LIBS: join(home, 'plugins'),
    // Of the cookie.
    HOME: folder,
    SYS_PREFIX: '',
    RABBITMQ_HOME: home,
    RABBITMQ_NODENAME: 'rabbit@localhost',
    RABBITMQ_CONFIG_FILE: join(__dirname, 'rabbitmq.conf'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'plugins'),
    RABBITMQ_MNESIA_BASE: join(folder, 'mnesia'),
    RABBITMQ_PID_FILE: join(folder, 'pid'),
    RABBITMQ_LOG_BASE: folder,
    RABBITMQ_LOGS: '-',
  };
}

/** The one entry of a folder whose name begins so, and ends with a version. */
function only(folder: string, prefix: string): string {
  return readdirSync(folder).find((name) => name.startsWith(prefix))!;
}
