import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Kubectl } from './kubectl';

const folder = join(__dirname, 'crds');

/**
 * Creates those of our custom resource definitions that the cluster lacks, and waits until all can be used.
 *
 * For two seconds after that, the API server holds back every `create` of such an object, and with it the
 * first client-side apply, on purpose: another server might not know the definition yet.
 */
export async function ensureCrds({ kubectl, tryKubectl }: Kubectl): Promise<void> {
  // Each file is named after the definition in it.
  const wanted = readdirSync(folder).map((file) => file.replace('.yaml', ''));
  const present = kubectl(['get', 'customresourcedefinitions', '-o', 'name']);
  const absent = wanted.filter((name) => !present.includes(`/${name}\n`));
  if (absent.length > 0) kubectl(['create', ...absent.flatMap((name) => ['-f', join(folder, `${name}.yaml`)])]);

  kubectl(['wait', '--for=condition=Established', '--timeout=30s', ...wanted.map((name) => `crd/${name}`)]);
  // Established comes a moment before discovery lists the resource, and kubectl believes discovery.
  for (let attempt = 0; ; attempt++) {
    const { status, stderr } = tryKubectl(['get', wanted.join(','), '--namespace=default']);
    if (status === 0) return;
    if (attempt === 50) throw new Error(`The custom resources cannot be listed: ${stderr.trim()}`);
    await sleep(100);
  }
}
