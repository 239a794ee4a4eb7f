import { execFileSync } from 'node:child_process';
import { readdirSync, realpathSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const SOURCES = resolve(__dirname, '..', 'kernel', 'lab', 'programs');
const GO_CLIENT = resolve(__dirname, '..', '..', 'e2e', 'cluster', 'client');

/** Where clients that are run elsewhere find what the test made for them. */
export interface ClientFiles {
  /** The folder that `prepareClients` filled, as clients see it. */
  readonly folder: string;
  /** The certificate of the servers' authority, as clients see it. */
  readonly authority: string;
}

/** Variables by which this machine's clients trust an authority alone. */
export const trusting = ({ authority }: ClientFiles): Readonly<Record<string, string>> => ({
  SSL_CERT_FILE: authority,
  CURL_CA_BUNDLE: authority,
  NODE_EXTRA_CA_CERTS: authority,
  PGSSLROOTCERT: authority,
  PGCONNECT_TIMEOUT: '5',
});

/** Compiles the clients in Go and Java, and makes Java's file of authorities. @param authority of the servers */
export function prepareClients(folder: string, authority: string): void {
  const run = (program: string, words: readonly string[], cwd = folder) =>
    execFileSync(program, words, { cwd, env: { ...process.env, CGO_ENABLED: '0' }, stdio: 'pipe' });
  run('go', ['build', '-o', join(folder, 'client'), '.'], GO_CLIENT);
  run(jdk('javac'), ['-d', folder, join(SOURCES, 'Fetch.java')]);
  const store = ['-keystore', join(folder, 'trusted.p12'), '-storetype', 'PKCS12', '-storepass', 'changeit'];
  run(jdk('keytool'), ['-importcert', '-noprompt', '-alias', 'ca', '-file', authority, ...store]);
}

/** A program of the JDK that this machine's `java` belongs to. */
export const jdk = (program: string) => join(dirname(realpathSync('/usr/bin/java')), program);

/** The command of Java. */
export function java({ folder }: ClientFiles): string {
  const store = `-Djavax.net.ssl.trustStore=${folder}/trusted.p12 -Djavax.net.ssl.trustStorePassword=changeit`;
  return `${jdk('java')} -XX:-UsePerfData -XX:TieredStopAtLevel=1 ${store}`;
}

/** The folder of PostgreSQL's programs, which Debian names after the version. */
export function postgresPrograms(): string {
  const folder = '/usr/lib/postgresql';
  const versions = readdirSync(folder).sort((one, other) => Number(other) - Number(one));
  return join(folder, versions[0]!, 'bin');
}

/** Clients as people use them, by a host's own URL and with full verification: shell commands by their names. */
export function httpsClients(files: ClientFiles, host: string): Readonly<Record<string, string>> {
  const verify = `-verify_return_error -verify_hostname ${host}`;
  const python = `import urllib.request as r; print(r.urlopen("https://${host}", timeout=10).read().decode())`;
  return {
    curl: curl(host),
    openssl: `printf 'GET / HTTP/1.0\\r\\n\\r\\n' | openssl s_client -quiet ${verify} -connect ${host}:443`,
    Python: `/usr/bin/python3 -c '${python}'`,
    Go: `${files.folder}/client get https://${host}`,
    Java: `${java(files)} -cp ${files.folder} Fetch https://${host}`,
  };
}

export const curl = (host: string, seconds = 10) => `curl --silent --show-error --max-time ${seconds} https://${host}`;

/** psql by a URL, asking for the address that the server sees. */
export const psql = (host: string) =>
  `${postgresPrograms()}/psql 'postgresql://shop@${host}/shop?sslmode=verify-full' ${DATABASE_QUESTION}`;

/** Arguments of psql that make it print what other servers answer. */
export const DATABASE_QUESTION = `--no-psqlrc --tuples-only --no-align --command "select json_build_object('peer', host(inet_client_addr()))"`;

/** What clients say when a certificate has another name. */
export const OTHER_NAME = /subject name|mismatch|not valid for|x509|No subject alternative|No name matching/i;

/** What a server says of a connection. */
export interface Seen {
  /** The address that it saw. */
  readonly peer: string;
  /** The name in its certificate. */
  readonly name?: string;
  /** Its own address. */
  readonly server?: string;
}

/** The answer of a server in what a client printed. */
export function seenIn(output: string): Seen {
  const [json] = /\{.*\}/.exec(output) ?? [];
  if (json === undefined) throw new Error(`no answer of a server: ${output}`);
  return JSON.parse(json) as Seen;
}
