import type { NeutronRelease } from '../server/neutron-release';
import { missingOpenStack, unpackedFolder } from '../server/openstack';
import type { Backend } from './backend';
import { RouterLab } from './router-lab';

/** What a group of tests measures. */
export interface Subject<B extends Backend> {
  /** @param unpacked folder of the unpacked packages */
  backend(unpacked: string): Promise<B>;
  release(unpacked: string): Promise<NeutronRelease> | NeutronRelease;
}

/**
 * Like jest's `describe`, for tests against a Neutron with a real backend and two nodes, which the variables `OS_*`
 * name.
 *
 * Skipped where something for it is missing, unless the variable CI is set: a pipeline that skips proves nothing.
 */
export function describeWithBackend<B extends Backend>(
  name: string,
  subject: Subject<B>,
  tests: (lab: () => RouterLab<B>) => void,
): void {
  jest.setTimeout(1_200_000);
  const missing = missingOpenStack() ?? (process.getuid?.() === 0 ? undefined : 'Network namespaces need root.');
  const skipped = missing !== undefined && !process.env.CI;
  if (skipped) console.warn(`SKIPPED ${name}: ${missing}`);

  (skipped ? describe.skip : describe)(name, () => {
    const before = { ...process.env };
    let lab: RouterLab<B> | undefined;

    beforeAll(async () => {
      if (missing !== undefined) throw new Error(missing);
      const unpacked = unpackedFolder();
      lab = await RouterLab.start(await subject.backend(unpacked), await subject.release(unpacked));
      for (const variable of Object.keys(process.env)) if (variable.startsWith('OS_')) delete process.env[variable];
      Object.assign(process.env, { OS_AUTH_TYPE: 'none', OS_ENDPOINT: lab.neutron.url });
    });

    afterAll(async () => {
      process.env = before;
      await lab?.stop();
    });

    tests(() => {
      if (lab === undefined) throw new Error('The lab is there only while tests run: call this inside a test.');
      return lab;
    });
  });
}
