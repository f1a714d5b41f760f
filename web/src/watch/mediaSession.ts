import { useEffect } from "react";

import type { Actions } from "./actions";

/** The keyboard's media keys, the lock screen, the headset. */
export function useMediaSession(name: string, actions: Actions): void {
  useEffect(() => {
    const session = navigator.mediaSession;
    if (!session) return;
    session.metadata = new MediaMetadata({ title: name, artist: "Vitascope" });
    const handlers: [MediaSessionAction, MediaSessionActionHandler | null][] = [
      ["play", actions.play],
      ["pause", actions.pause],
      ["seekbackward", (details) => actions.seekBy(-(details.seekOffset ?? 10))],
      ["seekforward", (details) => actions.seekBy(details.seekOffset ?? 10)],
      ["seekto", (details) => details.seekTime !== undefined && actions.seekTo(details.seekTime)],
      ["nexttrack", actions.next],
    ];
    for (const [action, handler] of handlers) session.setActionHandler(action, handler);
    return () => {
      for (const [action] of handlers) session.setActionHandler(action, null);
      session.metadata = null;
    };
  }, [name, actions]);
}
