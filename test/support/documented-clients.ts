import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { blocksOf, readDocument } from './markdown';
import { type ClientFiles, DATABASE_QUESTION, java, jdk, postgresPrograms } from './tls-clients';

const DOCUMENT = 'docs/names.md';
const HEADINGS = ['curl and openssl', 'PostgreSQL', 'Python', 'Node.js', 'Go'];
const QUERY = resolve(__dirname, '..', 'kernel', 'lab', 'programs', 'Query.java');
const JDBC_DRIVER = '/usr/share/java/postgresql.jar';

/** What the document's text means where its clients run. */
export interface Meaning extends ClientFiles {
  /** The namespace of the router. */
  readonly namespace: string;
  /** The cluster IP of the database. */
  readonly database: string;
  /** Node.js, as clients see it. */
  readonly node: string;
}

/**
 * The document's clients that are configured to connect to a Service, as shell commands by their names. Writes their
 * programs.
 *
 * @param folder that clients see as the folder of `meaning`
 */
export function documentedClients(folder: string, meaning: Meaning): Readonly<Record<string, string>> {
  const { namespace, database, authority } = meaning;
  const meant = (text: string) =>
    text.replaceAll('.partners.svc', `.${namespace}.svc`).replaceAll('10.96.0.34', database);
  const blocks = blocksOf(DOCUMENT).filter(({ heading }) => HEADINGS.includes(heading));
  const textOf = (language: string, index = 0) =>
    meant(blocks.filter((block) => block.language === language)[index]!.text).trimEnd();
  // Every client of the page: another one would not be run.
  expect(blocks.map(({ language }) => language)).toEqual(['sh', 'sh', 'sh', 'java', 'python', 'js', 'go']);
  writeFileSync(join(folder, 'documented.py'), textOf('python'));
  writeFileSync(join(folder, 'documented.mjs'), textOf('js'));
  compileGo(folder, textOf('go'));
  writeFileSync(join(folder, 'PartnerName.java'), textOf('java'));
  const words = ['-d', folder, '-classpath', JDBC_DRIVER, join(folder, 'PartnerName.java'), QUERY];
  execFileSync(jdk('javac'), words, { stdio: 'pipe' });
  const [url] = /jdbc:[^`]+/.exec(meant(readDocument(DOCUMENT)))!;
  return {
    curl: `${textOf('sh')} --silent --show-error`,
    openssl: `printf 'GET / HTTP/1.0\\r\\n\\r\\n' | ${textOf('sh', 1)} -quiet`,
    libpq: `${postgresPrograms()}/${textOf('sh', 2)} ${DATABASE_QUESTION}`,
    JDBC: `${java(meaning)} -cp ${meaning.folder}:${JDBC_DRIVER} Query '${url}&sslrootcert=${authority}'`,
    Python: `/usr/bin/python3 ${meaning.folder}/documented.py`,
    'Node.js': `${meaning.node} ${meaning.folder}/documented.mjs`,
    Go: `${meaning.folder}/documented`,
  };
}

function compileGo(folder: string, text: string): void {
  const source = join(folder, 'go');
  mkdirSync(source, { recursive: true });
  writeFileSync(join(source, 'main.go'), text);
  writeFileSync(join(source, 'go.mod'), 'module documented\n\ngo 1.24.0\n');
  const env = { ...process.env, CGO_ENABLED: '0' };
  execFileSync('go', ['build', '-o', join(folder, 'documented'), '.'], { cwd: source, env, stdio: 'pipe' });
}
