/** Which picture is shown, and what keeps it from being better. Nothing is chosen here. */

import { useEffect, useState } from "react";

import { useSession } from "../api/session";
import { useWords } from "../words";
import { DATA_SAVER_LINES } from "./abr";
import { Menu } from "./menus";
import type { PlaybackSession } from "./playbackSession";
import type { ShakaPlayer } from "./shaka";

export function QualityMenu({ playback }: { playback: PlaybackSession }) {
  const words = useWords();
  return (
    <Menu icon="quality" label={words.watch.quality}>
      <Quality playback={playback} />
    </Menu>
  );
}

function Quality({ playback }: { playback: PlaybackSession }) {
  const say = useWords().watch;
  const session = useSession();
  const height = useHeight(playback.filmPlayer.current?.player);
  const saves = session.state === "in" && session.profile?.data_saver;
  return (
    <fieldset className="player-note">
      <legend>{say.quality}</legend>
      <div tabIndex={-1} data-first="">
        {height > 0 && <p>{say.qualityNow(height)}</p>}
        <p className="quiet">{saves ? say.qualitySaver(DATA_SAVER_LINES) : say.qualityFits}</p>
      </div>
    </fieldset>
  );
}

/** The lines of what is played now; 0 before there is anything. */
function useHeight(player: ShakaPlayer | undefined): number {
  const [, again] = useState(0);
  useEffect(() => {
    const changed = () => again((before) => before + 1);
    for (const event of ["adaptation", "variantchanged"]) player?.addEventListener(event, changed);
    return () => {
      for (const event of ["adaptation", "variantchanged"]) player?.removeEventListener(event, changed);
    };
  }, [player]);
  return player?.getVariantTracks().find((track) => track.active)?.height ?? 0;
}
