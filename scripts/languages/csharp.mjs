import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { ROOT, run, succeeds } from './command.mjs';
import { foldersWith } from './folders.mjs';
import { installedFolder, PEERS, pacmak } from './pacmak.mjs';

const PROGRAM = 'Program.cs';
const HAS_SDK = succeeds('dotnet', '--version');

export const csharp = {
  name: 'C#',
  program: PROGRAM,
  missing: () => [],
  steps: [
    ['jsii-pacmak generates the code', (work) => pacmak('dotnet', work, { flags: ['--code-only'] })],
    HAS_SDK
      ? ['a project beside the code', writeProject]
      : ['no .NET SDK: programs are not compiled, their names alone are checked', checkNames],
  ],
  synthesize: HAS_SDK ? synthesize : undefined,
};

const GENERATED = 'dotnet/Cdk8sEgressRouter/Cdk8sEgressRouter.csproj';

function writeProject(work) {
  mkdirSync(join(work, 'example'));
  writeFileSync(
    join(work, 'example', 'example.csproj'),
    `<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <OutputType>Exe</OutputType>
    <TargetFramework>net8.0</TargetFramework>
    <RollForward>Major</RollForward>
  </PropertyGroup>
  <ItemGroup><ProjectReference Include="../${GENERATED}" /></ItemGroup>
  <ItemGroup><Compile Include="$(Program)" /></ItemGroup>
</Project>
`,
  );
}

function synthesize(work, folder, env) {
  const output = join(work, 'bin', basename(folder));
  const flags = ['--output', output, `-p:Program=${join(folder, PROGRAM)}`];
  run('dotnet', ['build', join(work, 'example'), ...flags], { cwd: work, env });
  run('dotnet', [join(output, 'example.dll')], { cwd: work, env });
}

/** What the programs have from .NET itself. */
const DOTNET_NAMES = ['System', 'Collections', 'Generic', 'Dictionary', 'Console', 'Error', 'WriteLine', 'Join'];

/** Fails for a capitalized name of a program that neither our assembly nor a peer's declares. */
function checkNames() {
  const declared = new Set(DOTNET_NAMES);
  for (const folder of [ROOT, ...PEERS.map(installedFolder)]) collectNames(readAssembly(folder), declared);
  for (const folder of foldersWith(PROGRAM)) {
    const source = readFileSync(join(ROOT, folder, PROGRAM), 'utf8');
    const code = source.replace(/"[^"\n]*"|\/\/.*/g, '');
    const unknown = [...code.matchAll(/\b[A-Z]\w*/g)].map(([word]) => word).filter((word) => !declared.has(word));
    if (unknown.length > 0) throw new Error(`${folder}/${PROGRAM}: unknown names ${unknown.join(', ')}`);
  }
}

/** A large assembly is a reference to a compressed file beside it. */
function readAssembly(folder) {
  const assembly = JSON.parse(readFileSync(join(folder, '.jsii'), 'utf8'));
  if (assembly.filename === undefined) return assembly;
  return JSON.parse(gunzipSync(readFileSync(join(folder, assembly.filename))));
}

function collectNames({ targets, types }, names) {
  for (const part of targets.dotnet.namespace.split('.')) names.add(part);
  for (const type of Object.values(types)) {
    names.add(type.name);
    const members = [...(type.properties ?? []), ...(type.methods ?? []), ...(type.members ?? [])];
    for (const { name } of members) names.add(`${name[0].toUpperCase()}${name.slice(1)}`);
  }
}
