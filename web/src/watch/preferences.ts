/** What a profile chose in the player last time: language, subtitles, volume, speed. Kept in this browser. */

import { currentSession } from "../api/session";

export interface Preferences {
  audio?: { language: string; role: string };
  /** The language of the subtitles, null where they were switched off. */
  text?: string | null;
  volume?: number;
  muted?: boolean;
  rate?: number;
}

const keyOf = (profileId: string): string => `vita.player.${profileId}`;

export function preferences(): Preferences {
  const profileId = profileNow();
  if (!profileId) return {};
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(keyOf(profileId)) ?? "{}");
    return kept && typeof kept === "object" ? kept : {};
  } catch {
    return {}; // unreadable, or a browser that keeps nothing
  }
}

export function prefer(change: Preferences): void {
  const profileId = profileNow();
  if (!profileId) return;
  try {
    localStorage.setItem(keyOf(profileId), JSON.stringify({ ...preferences(), ...change }));
  } catch {
    // It holds until the film ends.
  }
}

/** Sets volume and speed as they were, and keeps what is changed from now on. Returns the way to stop. */
export function followMedia(node: HTMLVideoElement): () => void {
  const { volume, muted, rate } = preferences();
  if (volume !== undefined && volume >= 0 && volume <= 1) node.volume = volume;
  if (muted !== undefined) node.muted = muted;
  if (rate !== undefined && rate >= 0.25 && rate <= 4) {
    node.defaultPlaybackRate = rate; // loading a film sets the speed to this
    node.playbackRate = rate;
  }
  const keepVolume = () => prefer({ volume: node.volume, muted: node.muted });
  node.addEventListener("volumechange", keepVolume);
  return () => node.removeEventListener("volumechange", keepVolume);
}

function profileNow(): string | null {
  const session = currentSession();
  return session.state === "in" ? (session.profile?.id ?? null) : null;
}
