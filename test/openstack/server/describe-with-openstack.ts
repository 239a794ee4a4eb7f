import { OpenStackAdmin } from './admin';
import { Gate } from './gate';
import { missingOpenStack, type OpenStackAddress } from './openstack';

/** What the tests of a group share. */
export interface TestCloud {
  readonly admin: OpenStackAdmin;
  /** Stands before Neutron in the region that `variables` name. */
  readonly gate: Gate;
  /** The installer's network, 10.20.0.0/16. */
  readonly networkId: string;
  /** The `OS_*` variables of the administrator. */
  readonly variables: Readonly<Record<string, string>>;
}

/**
 * Like jest's `describe`, for tests against the real Keystone and Neutron; `tests` gets a function that returns what
 * they share.
 *
 * On a machine that lacks something for it the tests are skipped, and the run says what and why. Where the variable CI
 * is set they fail with that sentence instead: a pipeline that skips proves nothing.
 */
export function describeWithOpenStack(
  name: string,
  tests: (cloud: () => TestCloud) => void,
  alsoMissing: () => string | undefined = () => undefined,
): void {
  // An operation of the engine starts three processes: seconds each, and a minute where the cores are busy.
  jest.setTimeout(600_000);
  const missing = missingOpenStack() ?? alsoMissing();
  const skipped = missing !== undefined && !process.env.CI;
  if (skipped) console.warn(`SKIPPED ${name}: ${missing}`);

  (skipped ? describe.skip : describe)(name, () => {
    let cloud: TestCloud | undefined;

    beforeAll(async () => {
      // Fails every test of the group with the sentence about what is missing.
      if (missing !== undefined) throw new Error(missing);
      cloud = await openCloud();
    });

    afterEach(() => cloud?.gate.reset());

    afterAll(() => cloud?.gate.close());

    tests(() => {
      if (!cloud) throw new Error('The cloud is there only while tests run: call this inside a test.');
      return cloud;
    });
  });
}

async function openCloud(): Promise<TestCloud> {
  const address = JSON.parse(process.env.EGRESS_ROUTER_TEST_OPENSTACK!) as OpenStackAddress;
  const admin = await OpenStackAdmin.login(address);
  const gate = await Gate.before(address.networkUrl);
  // A region of its own for each group: the gates of two groups must not be mistaken for each other.
  const region = `gate-${new URL(gate.url).port}`;
  await admin.addToCatalog('network', region, gate.url);
  const networkId = await admin.createNetwork(`nodes of ${region}`, '10.20.0.0/16');
  return { admin, gate, networkId, variables: { ...passwordVariables(address), OS_REGION_NAME: region } };
}

/** The variables by which every OpenStack tool logs in with a password. */
export function passwordVariables(address: OpenStackAddress): Record<string, string> {
  return {
    OS_AUTH_URL: address.authUrl,
    OS_USERNAME: address.username,
    OS_PASSWORD: address.password,
    OS_PROJECT_NAME: address.projectName,
    OS_USER_DOMAIN_ID: 'default',
    OS_PROJECT_DOMAIN_ID: 'default',
  };
}
