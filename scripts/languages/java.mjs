import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { ROOT, run, succeeds } from './command.mjs';
import { installedFolder, installedVersion, ownManifest, PACMAK_VERSION, PEERS, pacmak } from './pacmak.mjs';

const PLUS = 'cdk8s-plus-28';
const OWN_GROUP = ownManifest().jsii.targets.java.maven.groupId;

const CACHE = resolve(process.env.EGRESS_ROUTER_CACHE || join(homedir(), '.cache', 'cdk8s-egress-router'));

/** Where Maven keeps what it downloads. The user's own must not get packages of ours that were never published. */
const LOCAL_REPOSITORY = join(CACHE, `maven-${PACMAK_VERSION}`);

export const java = {
  name: 'Java',
  program: 'Main.java',
  missing: () => [
    ...(succeeds('javac', '-version') ? [] : ['a JDK, 17 or later: apt-get install default-jdk-headless']),
    ...(succeeds('mvn', '--version') ? [] : ['Maven: apt-get install maven']),
  ],
  steps: [
    ['Maven finds cdk8s-plus, or has it built', providePlus],
    ['jsii-pacmak builds the jar', buildJar],
    ['docs/constructs.md has the pinned versions', checkDocument],
    ['Maven resolves them', resolveClassPath],
  ],
  synthesize: (work, folder, env) =>
    run('java', ['-cp', readFileSync(classPathFile(work), 'utf8'), join(folder, 'Main.java')], { cwd: work, env }),
};

/**
 * Makes the jar of cdk8s-plus from its npm package where Maven's registry does not have it: minutes, once. jsii-pacmak
 * installs what it builds in the local repository, where the next run finds it.
 */
export function providePlus() {
  const artifact = `org.cdk8s:${PLUS}:${installedVersion(PLUS)}`;
  if (succeeds('mvn', ...MAVEN, 'dependency:get', '-Dtransitive=false', `-Dartifact=${artifact}`)) return 'found';
  const scratch = mkdtempSync(join(tmpdir(), 'egress-router-plus-'));
  try {
    buildJar(scratch, installedFolder(PLUS));
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  return 'built from the npm package';
}

export function buildJar(outdir, project) {
  forgetOwnJar();
  pacmak('java', outdir, { project, flags: ['--maven-local-repository', LOCAL_REPOSITORY] });
  forgetOwnJar();
}

/** Maven would take an earlier jar of the same version for the one that was just built. */
function forgetOwnJar() {
  rmSync(join(LOCAL_REPOSITORY, ...OWN_GROUP.split('.')), { recursive: true, force: true });
}

const MAVEN = ['--quiet', '--batch-mode', `-Dmaven.repo.local=${LOCAL_REPOSITORY}`];

function resolveClassPath(work) {
  writeFileSync(join(work, 'pom.xml'), pom(work));
  run('mvn', [...MAVEN, 'dependency:build-classpath', `-Dmdep.outputFile=${classPathFile(work)}`], { cwd: work });
}

function classPathFile(work) {
  return join(work, 'class-path.txt');
}

/** What users copy from the document is what is tested here. */
function checkDocument() {
  const document = readFileSync(join(ROOT, 'docs/constructs.md'), 'utf8');
  const missing = pins().filter((pin) => !document.includes(pin));
  if (missing.length > 0) throw new Error(`docs/constructs.md, Other languages: missing ${missing.join(', ')}`);
}

/** @returns elements of Maven's dependencyManagement */
function pins() {
  const groups = { constructs: 'software.constructs' };
  const peers = PEERS.map((name) => [groups[name] ?? 'org.cdk8s', name, installedVersion(name)]);
  return [...peers, ['software.amazon.jsii', 'jsii-runtime', PACMAK_VERSION]].map(dependency);
}

/**
 * A user's project. Without the pins Maven reads the POM of every version in the ranges of our package, which takes
 * minutes.
 */
function pom(work) {
  const { artifactId } = ownManifest().jsii.targets.java.maven;
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>example</groupId>
  <artifactId>example</artifactId>
  <version>1</version>
  <repositories><repository><id>built</id><url>file://${join(work, 'java')}</url></repository></repositories>
  <dependencyManagement><dependencies>
    ${pins().join('\n    ')}
  </dependencies></dependencyManagement>
  <dependencies>
    ${dependency([OWN_GROUP, artifactId, ownManifest().version])}
  </dependencies>
</project>
`;
}

function dependency([group, artifact, version]) {
  return `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`;
}
