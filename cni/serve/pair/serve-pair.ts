import type { DataPlane } from '../../../src/domain/data-plane/data-plane';
import type { MarkedRules } from '../../../src/domain/data-plane/marked-rules';
import type { NetworkConfig } from '../../../src/domain/router/network-config';
import { pairSecretName } from '../../../src/domain/router/pair';
import { ApiClient, accessOfPod } from '../../kubernetes/api-client';
import { ApiFailure } from '../../kubernetes/api-failure';
import { findLink } from '../../netlink/route/link';
import { NETLINK_NETFILTER, NetlinkSocket } from '../../netlink/socket';
import { ConnectionSync } from '../../sync/connection-sync';
import { requireCapability } from '../capability';
import { ServeError } from '../serve-error';
import type { ServeLog } from '../serve-log';
import { AddressFence } from './address-fence';
import { BeatChannel } from './beat-channel';
import { Pair } from './pair';
import { PairCheck } from './pair-check';
import { PairConnections } from './pair-connections';
import { PairKeys } from './pair-keys';
import { PairLan } from './pair-lan';
import type { PairOptions } from './pair-options';
import { readPairServices, slicesOf } from './pair-services';
import { PairSlices } from './pair-slices';
import { RoleLink } from './role-link';

/** What a pod of a pair is made of. */
export interface PairContext {
  readonly options: PairOptions;
  readonly config: NetworkConfig;
  readonly plane: DataPlane;
  /** A socket of the pod's namespace. */
  readonly route: NetlinkSocket;
  /** Those in force. */
  readonly rules: () => MarkedRules;
  readonly log: ServeLog;
}

/** The pair's part of `serve`. */
export interface ServedPair {
  readonly pair: Pair;
  readonly check: PairCheck;
  readonly connections: PairConnections;
  readonly slices: PairSlices;
}

/**
 * Opens what a pod of a pair needs. Everything is closed with the stack.
 *
 * @throws ServeError if the pod or its kernel lacks something
 */
export async function openPair(stack: DisposableStack, context: PairContext): Promise<ServedPair> {
  const { options, config, plane, route, rules, log } = context;
  for (const capability of ['NET_ADMIN', 'NET_RAW'] as const) requireCapability(capability, 'standby');
  const slicesOfPod = slicesOf(readPairServices(options.servicesFile), options.namespace, options.podAddresses);
  const api = stack.use(apiClient());
  const netfilter = stack.use(NetlinkSocket.open(NETLINK_NETFILTER, 'open an nf_tables socket'));
  const gateways = config.addresses.flatMap(({ gateway }) => gateway ?? []);
  const { standbyMac } = options;
  const { name, mac } = plane.link;
  const addresses = plane.addresses.map(({ address }) => address);
  const lan = stack.use(new PairLan(findLink(route, name)!, { addresses, gateways, mac, standbyMac }));
  const channel = stack.use(
    await BeatChannel.open(options.podAddresses, {
      heard: (beat, from) => pair.heard(beat, from),
      refused: (reason) => pair.refusedBeat(reason),
    }),
  );
  const slices: PairSlices = stack.use(
    new PairSlices(api, slicesOfPod, options, {
      found: (lock) => pair.learns({ kind: 'lock', lock }),
      failed: () => pair.learns({ kind: 'lock-failed' }),
    }),
  );
  const { podAddresses } = options;
  const sync = stack.use(new ConnectionSync({ config, podAddresses, netfilter, rules, log }));
  const connections = new PairConnections(sync, () => pair.state.role);
  const pair: Pair = stack.use(
    new Pair({
      name: options.pod,
      link: new RoleLink(route, plane, standbyMac),
      fence: new AddressFence(netfilter, name, mac, standbyMac),
      lan,
      beats: channel,
      slices,
      connections,
      log,
    }),
  );
  let keyProblem: string | undefined = 'the key of the pair was not read yet';
  const [{ owner }] = slicesOfPod;
  const secret = { namespace: options.namespace, name: options.keySecret ?? pairSecretName(owner.service) };
  const keys = stack.use(
    new PairKeys(api, secret, options.pod, {
      found: (found) => {
        channel.keys = found;
        sync.setKeys(found);
        keyProblem = undefined;
      },
      failed: (problem) => {
        // A key that was read is used on.
        if (channel.keys.length === 0) keyProblem = problem;
      },
    }),
  );
  void keys.follow();
  return { pair, slices, connections, check: new PairCheck({ pair, slices, gateways, keyProblem: () => keyProblem }) };
}

/** @throws ServeError outside a pod with a token */
function apiClient(): ApiClient {
  try {
    return new ApiClient(accessOfPod(process.env));
  } catch (error) {
    throw error instanceof ApiFailure ? new ServeError(error.message) : error;
  }
}
