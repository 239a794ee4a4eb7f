import { Field } from '../../src/domain/input/decoder';
import { ConfigError, type Issue } from '../../src/domain/input/issue';

/** An attachment that the runtime still lists. */
export interface ValidAttachment {
  readonly containerId: string;
  readonly ifname: string;
}

const ACCEPTED = 'a list of { containerID, ifname }';

/**
 * Reads the attachments that GC must keep. The key has two names, because libcni wrote the second one before the
 * specification was final. The list is strict: attachments that are not on it lose their router.
 *
 * @returns nothing without a list, as from cnitool
 * @throws ConfigError
 */
export function readValidAttachments(input: unknown): ValidAttachment[] | undefined {
  const issues: Issue[] = [];
  const root = Field.root(input, issues);
  const [current, former] = [root.member('cni.dev/valid-attachments'), root.member('cni.dev/attachments')];
  const list = current.value === undefined ? former : current;
  if (list.value === undefined) return undefined;
  // libcni writes null for an empty list.
  const fields = list.value === null ? [] : list.elements(ACCEPTED);
  const attachments = fields.flatMap((field) => {
    if (!field.isObject()) return [];
    const containerId = field.member('containerID').text('a container ID');
    const ifname = field.member('ifname').text('the name of an interface');
    return containerId === undefined || ifname === undefined ? [] : [{ containerId, ifname }];
  });
  if (issues.length > 0) throw new ConfigError(issues);
  return attachments;
}
