import { type AddressPair, canonicalAddress, canonicalMac } from './address-pair';
import { editedList, type ListedPair } from './address-pair-list';
import type { Neutron, Port } from './client/neutron';
import { OpenStackError } from './client/openstack-error';
import { Tries } from './client/retry';
import { serverText } from './client/server-text';
import { guardedRevision } from './revision-guard';

/** Tags of at most 60 characters, which older releases limit them to. They tell what restores the port. */
const OFF = 'egress-router-port-security-off';
const GROUP = 'egress-router-group:';

/** What switching port security off came to. */
export interface SwitchedOff {
  /** Whether port security was off, and not by this package. */
  readonly adopted: boolean;
  /** The security groups that were taken off the port. */
  readonly securityGroups: readonly string[];
}

/** Switches a port's security off and on again. What was there before is in tags of the port, not only in the state. */
export class PortSecuritySwitch {
  public constructor(
    private readonly neutron: Neutron,
    private readonly allowUnguardedWrite: boolean,
  ) {}

  /**
   * Takes security groups and the routers' pairs off the port, and switches its security off. Does not write if it is
   * off.
   * Leaves no tag on a port that it does not switch off.
   *
   * @throws an error that names the pairs of others, or an `OpenStackError`
   */
  public async off(portId: string, routerPairs: readonly AddressPair[]): Promise<SwitchedOff> {
    const tries = new Tries(this.neutron.session.patience);
    for (let isFirst = true; ; isFirst = false) {
      const port = await this.neutron.port(portId);
      if (port.port_security_enabled === false) {
        // Not after an attempt of our own, whose answer may have been lost.
        if (isFirst && isOurs(port)) warnOfOtherResource(portId);
        return { adopted: !isOurs(port), securityGroups: groupsInTags(port) };
      }
      refuseUnswitchable(port);
      refusePairsOfOthers(port, routerPairs);
      try {
        return await this.tagAndSwitchOff(port, routerPairs);
      } catch (error) {
        await this.pauseAfter(tries, error, portId);
      }
    }
  }

  private async tagAndSwitchOff(port: Port, routerPairs: readonly AddressPair[]): Promise<SwitchedOff> {
    const { id, security_groups: securityGroups = [] } = port;
    const tagged = await this.tagWith(port, securityGroups);
    if (!isSame(tagged.security_groups ?? [], securityGroups)) {
      throw new OpenStackError(`port ${id}: its security groups change at every attempt`, 412);
    }
    refusePairsOfOthers(tagged, routerPairs);
    const off = { port_security_enabled: false, security_groups: [], allowed_address_pairs: [] };
    await this.neutron.putPort(id, off, await guardedRevision(this.neutron, tagged, this.allowUnguardedWrite));
    warnOfLoss(id, securityGroups);
    return { adopted: false, securityGroups };
  }

  /** Waits for the next attempt. @throws the error if it is final; no tag of ours then stays on a port with security */
  private async pauseAfter(tries: Tries, error: unknown, portId: string): Promise<void> {
    try {
      await tries.afterFailure(error);
    } catch (final) {
      await this.untagUnlessOff(portId).catch(() => undefined);
      throw final;
    }
  }

  /** A write without an answer may have switched it off: then the tags are needed. */
  private async untagUnlessOff(portId: string): Promise<void> {
    const port = await this.neutron.port(portId);
    if (port.port_security_enabled !== false) await this.untag(port);
  }

  /**
   * Switches port security on again, with the security groups that were taken off and still exist. Does nothing to a
   * port whose security was off before.
   *
   * @param known the groups in the state, in case the port has lost its tags; nothing if it was off before
   * @returns the groups that no longer exist
   */
  public async on(portId: string, known: readonly string[] | undefined): Promise<readonly string[]> {
    const tries = new Tries(this.neutron.session.patience);
    let missing: readonly string[] = [];
    for (;;) {
      const port = await this.neutron.port(portId);
      const wanted = isOurs(port) ? groupsInTags(port) : known;
      if (wanted === undefined) return [];
      const security_groups = wanted.filter((group) => !missing.includes(group));
      try {
        if (port.port_security_enabled === false) {
          const revision = await guardedRevision(this.neutron, port, this.allowUnguardedWrite);
          await this.neutron.putPort(portId, { port_security_enabled: true, security_groups }, revision);
        }
        await this.untag(port);
        return missing;
      } catch (error) {
        const gone = isGroupGone(error) ? await this.missingOf(security_groups) : [];
        if (gone.length === 0) await tries.afterFailure(error);
        missing = [...missing, ...gone];
      }
    }
  }

  /** @returns the port with the tags, whose revision they have increased */
  private async tagWith(port: Port, securityGroups: readonly string[]): Promise<Port> {
    const wanted = [...securityGroups.map((group) => GROUP + group), OFF];
    for (const stale of ourTags(port).filter((tag) => !wanted.includes(tag))) await this.neutron.untag(port.id, stale);
    for (const tag of wanted.filter((one) => !port.tags?.includes(one))) await this.neutron.tag(port.id, tag);
    return this.neutron.port(port.id);
  }

  private async untag(port: Port): Promise<void> {
    for (const tag of ourTags(port)) await this.neutron.untag(port.id, tag);
  }

  private async missingOf(groups: readonly string[]): Promise<string[]> {
    const isThere = await Promise.all(groups.map((group) => this.neutron.hasSecurityGroup(group)));
    return groups.filter((_group, index) => !isThere[index]);
  }
}

function refuseUnswitchable({ id, port_security_enabled }: Port): void {
  if (port_security_enabled !== undefined) return;
  throw new Error(
    `port ${id}: this cloud's Neutron lacks the extension port-security: it has no port security to switch off`,
  );
}

function warnOfOtherResource(portId: string): void {
  console.warn(
    `port ${portId}: a resource of this package has switched its port security off already: one of this stack, renamed or ` +
      'left by a deployment that was ended, or one of another stack. Two stacks do not know of each other: destroying ' +
      'one switches port security on under the routers of the other; declare the port in only one of them',
  );
}

function warnOfLoss(portId: string, securityGroups: readonly string[]): void {
  const groups =
    securityGroups.length === 0 ? '' : `; the security groups ${serverText(securityGroups.join(', '))} are taken off`;
  console.warn(
    `port ${portId}: port security is off, so every MAC and IP address passes${groups}; destroy restores both`,
  );
}

function refusePairsOfOthers(port: Port, routerPairs: readonly AddressPair[]): void {
  const edits = routerPairs.map((pair) => ({ kind: 'remove', pair }) as const);
  const others = editedList(port.allowed_address_pairs, edits, port.mac_address) ?? port.allowed_address_pairs;
  if (others.length === 0) return;
  throw new Error(
    `port ${port.id} has address pairs of another program (${serverText(others.map(textOf).join(', '))}), which would be lost with ` +
      'port security; accepted: the port of a network card that only routers use',
  );
}

function textOf({ ip_address, mac_address }: ListedPair): string {
  return [canonicalAddress(ip_address), ...(mac_address ? [canonicalMac(mac_address)] : [])].join(' ');
}

const ourTags = ({ tags = [] }: Port) => tags.filter((tag) => tag === OFF || tag.startsWith(GROUP));

const isOurs = ({ tags = [] }: Port) => tags.includes(OFF);

const groupsInTags = (port: Port) => ourTags(port).flatMap((tag) => (tag === OFF ? [] : [tag.slice(GROUP.length)]));

const isSame = (one: readonly string[], other: readonly string[]) =>
  one.length === other.length && one.every((entry) => other.includes(entry));

const isGroupGone = (error: unknown) => error instanceof OpenStackError && error.type === 'SecurityGroupNotFound';
