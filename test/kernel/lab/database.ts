import { type ChildProcess, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, chownSync, copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Authority } from '../../support/authority';
import { postgresPrograms } from '../../support/tls-clients';
import { eventually } from '../support/eventually';
import type { Namespace } from './namespace';

/** PostgreSQL refuses to run as root. */
const USER = { id: 65534, words: ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] };

/** A real PostgreSQL with a certificate, which takes connections with TLS only: database and user `shop`. */
export class Database implements AsyncDisposable {
  private constructor(
    private readonly folder: string,
    private readonly process: ChildProcess,
  ) {}

  /** @param name in the certificate @param address one of the namespace */
  public static async start(namespace: Namespace, authority: Authority, name: string, address: string) {
    const folder = mkdtempSync(join(tmpdir(), 'egress-router-database-'));
    chownSync(folder, USER.id, USER.id);
    const data = join(folder, 'data');
    const program = (word: string) => join(postgresPrograms(), word);
    const words = ['--no-sync', '--auth=trust', '--username=shop', '--encoding=UTF8', '--locale=C'];
    const [setpriv, ...asUser] = [...USER.words, program('initdb'), '--pgdata', data, ...words];
    execFileSync(setpriv!, asUser, { cwd: folder, stdio: 'pipe' });
    appendFileSync(join(data, 'pg_hba.conf'), 'hostssl all all 0.0.0.0/0 trust\n');
    authority.signServer(name);
    for (const ending of ['crt', 'key']) {
      const file = join(folder, `server.${ending}`);
      copyFileSync(authority.path(`${name}.${ending}`), file);
      chownSync(file, USER.id, USER.id);
    }
    const flags = Object.entries(settings(folder, address)).flatMap(([key, value]) => ['-c', `${key}=${value}`]);
    const child = namespace.start([...USER.words, program('postgres'), '-D', data, ...flags], { stdio: 'ignore' });
    const database = new Database(folder, child);
    const isReady = [program('pg_isready'), '--host', address, '--username=shop', '--dbname=postgres'];
    await eventually(() => expect(namespace.try(isReady).status).toBe(0));
    namespace.run(program('createdb'), '--host', folder, '--username=shop', 'shop');
    return database;
  }

  public async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.process, 'exit');
    // PostgreSQL's fast shutdown.
    this.process.kill('SIGINT');
    await ended;
    rmSync(this.folder, { recursive: true });
  }
}

const settings = (folder: string, address: string) => ({
  listen_addresses: address,
  unix_socket_directories: folder,
  fsync: 'off',
  ssl: 'on',
  ssl_cert_file: join(folder, 'server.crt'),
  ssl_key_file: join(folder, 'server.key'),
});
