import type * as pulumi from '@pulumi/pulumi';
import type { AddressPair } from './address-pair';
import type { Connection } from './client/credentials';

/** A port whose port security is switched off, and the cloud that the port is in. */
export interface DisabledPortSecurityArgs extends Connection {
  /**
   * UUID of the port: that of a network card which only routers use. Nothing filters the card afterwards: its security
   * groups are taken off, and every MAC and IP address may leave and arrive through it.
   */
  readonly portId: pulumi.Input<string>;

  /**
   * Address pairs that may be taken off the port, because they belong to the same routers. A port with other pairs is
   * rejected: those belong to another program.
   *
   * @default - none: a port with pairs is rejected
   */
  readonly routerPairs?: readonly AddressPair[];

  /**
   * Write even if Neutron lacks the extension `revision-if-match`. Concurrent writers may then lose a change.
   *
   * @default false - such a cloud is rejected
   */
  readonly allowUnguardedWrite?: boolean;
}
