import { RouterModeKind } from '../domain/router/router-spec';
import type { OperatorRouterOptions } from './operator/operator-router-options';
import type { StandaloneRouterOptions } from './standalone/standalone-router-options';

/**
 * Who makes the objects that run a router, together with the options that only this way has. Given to a router, or once
 * to its `EgressRouterCluster`; a router's own options win over those of its cluster, one by one.
 */
export class RouterMode {
  /**
   * The Cluster Network Operator of OKD and OpenShift makes pod and network, from an `EgressRouter` resource.
   *
   * @param options what only this mode has
   */
  public static operator(options: OperatorRouterOptions = {}): RouterMode {
    return new RouterMode(RouterModeKind.OPERATOR, undefined, options);
  }

  /**
   * This library makes pod and network, for any cluster with Multus and the plugin (`EgressRouterPlugin`).
   *
   * @param options what only this mode has
   */
  public static standalone(options: StandaloneRouterOptions = {}): RouterMode {
    return new RouterMode(RouterModeKind.STANDALONE, options, undefined);
  }

  private constructor(
    /** Which of the two it is. */
    public readonly kind: RouterModeKind,
    /** Options of standalone mode; undefined in operator mode. */
    public readonly standaloneOptions?: StandaloneRouterOptions,
    /** Options of operator mode; undefined in standalone mode. */
    public readonly operatorOptions?: OperatorRouterOptions,
  ) {}
}
