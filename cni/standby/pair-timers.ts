/**
 * The times of a pair, in milliseconds. A standby may hold the address at the earliest
 * `SILENCE_MS + PROBES * PROBE_MS` after it last heard the holder, and a holder that is cut off is mute
 * `MUTE_MS + LOOK_MS` after it last heard anything. What lies between them, less `BEAT_MS`, is the fence.
 */

/** Between two heartbeats, two questions for the holder on the LAN, and two for the gateway. */
export const BEAT_MS = 100;
/** Between two looks at the clocks. */
export const LOOK_MS = 20;
/** After so long without the holder, on both ways, a standby asks the LAN. */
export const SILENCE_MS = 300;
/**
 * A gateway that was silent for longer has left a gap: the pod's own LAN may have been down, and what it did not hear
 * before says nothing. What is left of the silence and the probes is longer than `MUTE_MS + LOOK_MS`.
 */
export const GAP_MS = 160;
/** Between two probes, and after the last one. */
export const PROBE_MS = 50;
/** Probes for an address whose holder was heard on this LAN. */
export const PROBES = 2;
/** Probes for an address that was never heard. */
export const FIRST_PROBES = 4;
/** A holder that hears neither its standby nor its gateway for so long is mute. */
export const MUTE_MS = 200;
/** The same for a holder without a standby: another pod needs longer to take over. */
export const ALONE_MS = 1000;
/** A holder whose gateway is silent for so long resigns, if its standby hears the gateway. */
export const GATEWAY_MS = 500;
/** A holder whose cluster network is silent for so long resigns, if the API server is silent, too. */
export const CLUSTER_MS = 1000;
/** The API server is silent after so long. */
export const API_MS = 2500;
/** A standby that was silent for so long is gone; its holder is one without a standby. */
export const PEER_MS = 2000;
/** A process that did not run for so long starts its clocks anew. */
export const PAUSE_MS = 250;
/** In which a standby has to answer a question of its holder. */
export const ANSWER_MS = 40;
/** A standby that answers a beat takes over later than this after it was sent. */
export const LEASE_MS = SILENCE_MS + PROBES * PROBE_MS - PROBE_MS;
/** The word that a holder resigns counts for so long after the beat that it answers. */
export const WORD_MS = 300;
/** A holder that resigned waits so long for its standby. */
export const RESIGN_MS = 1000;
/** A holder that is mute listens to the LAN after so long. */
export const RETURN_MS = 1000;
/** It listens to the LAN for so long before it probes: longer than a holder without a standby needs to be mute. */
export const LISTEN_MS = ALONE_MS + MUTE_MS;
/** A pod that is silent for so long has lost its seat. */
export const SEAT_MS = 3000;
/** A standby that never heard the holder on the LAN waits so long before it asks. */
export const UNTRUSTED_MS = 10_000;
