/**
 * A short silent clip, faded in once it plays. It is made for a tile: stretched over a page it would
 * be a blur where a sharp still was. Not where people save data or asked for stillness.
 */

import { useState } from "react";

import { useSession } from "../api/session";
import { artworkUrl } from "./Picture";

export function usePreviewsWanted(): boolean {
  const session = useSession();
  const saver = session.state === "in" && session.profile?.data_saver;
  return !saver && !window.matchMedia("(prefers-reduced-motion: reduce)").matches;
}

export function Preview({ path }: { path: string }) {
  const wanted = usePreviewsWanted();
  const [playing, setPlaying] = useState(false);
  if (!path || !wanted) return null;
  return (
    <video
      className="preview"
      data-playing={playing || undefined}
      src={artworkUrl(path)}
      muted
      loop
      autoPlay
      playsInline
      disableRemotePlayback
      tabIndex={-1}
      aria-hidden="true"
      onPlaying={() => setPlaying(true)}
    />
  );
}
