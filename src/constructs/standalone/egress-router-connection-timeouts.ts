import type { Duration } from 'cdk8s';

/**
 * Times without a packet after which the router's kernel forgets a connection. Its source port is then free, and later
 * packets of either side do not arrive. Each is a Duration of whole seconds, from 1 second to 5 days.
 */
export interface EgressRouterConnectionTimeouts {
  /**
   * For an open TCP connection. RFC 5382 wants at least 2 h 4 min, because hosts send keepalives every two hours. A
   * client that ended without a word holds its source port for as long.
   *
   * @default Duration.hours(24)
   * @see https://www.rfc-editor.org/rfc/rfc5382#section-5
   */
  readonly tcpEstablished?: Duration;

  /**
   * For a TCP connection that one side has closed while the other one may still send.
   *
   * @default Duration.minutes(124)
   * @see https://www.rfc-editor.org/rfc/rfc6146#section-3.5.2
   */
  readonly tcpHalfClosed?: Duration;

  /**
   * For a UDP request without further datagrams: each request from another port holds a source port for that time, so
   * DNS clients with more than 500 questions a second to one server need a shorter one.
   *
   * @default Duration.minutes(2)
   * @see https://www.rfc-editor.org/rfc/rfc4787#section-4.3
   */
  readonly udp?: Duration;

  /**
   * For a UDP flow with datagrams in both directions for more than two seconds.
   *
   * @default Duration.minutes(5)
   * @see https://www.rfc-editor.org/rfc/rfc4787#section-4.3
   */
  readonly udpStream?: Duration;

  /**
   * For an SCTP association. Its ends send a heartbeat every 30 s, unless that is turned off.
   *
   * @default Duration.minutes(124)
   */
  readonly sctpEstablished?: Duration;
}
