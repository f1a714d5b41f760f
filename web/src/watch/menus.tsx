/** Audio, subtitles and speed: small sheets that open above their button. */

import { type ReactNode, useEffect, useRef, useState } from "react";

import { Icon, type IconName } from "../components/Icon";
import { languageName, useLanguage, useWords } from "../words";
import type { PlaybackSession } from "./playbackSession";

const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 2];

function Menu({ icon, label, children }: { icon: IconName; label: string; children: ReactNode }) {
  const [open, setOpen] = useState(false);
  const menu = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!open) return;
    const away = (event: PointerEvent) => !menu.current?.contains(event.target as Node) && setOpen(false);
    document.addEventListener("pointerdown", away);
    return () => document.removeEventListener("pointerdown", away);
  }, [open]);
  return (
    <div
      className="control-menu"
      ref={menu}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !open) return;
        event.stopPropagation(); // this Escape closes the menu, it does not leave the film
        setOpen(false);
        menu.current?.querySelector("button")?.focus();
      }}
      role="presentation"
    >
      <button type="button" className="control" aria-label={label} title={label} aria-expanded={open} onClick={() => setOpen(!open)}>
        <Icon name={icon} />
      </button>
      {open && <div className="control-sheet">{children}</div>}
    </div>
  );
}

function Choice(props: { name: string; checked: boolean; group: string; onChoose: () => void }) {
  return (
    <label className="choice">
      <input type="radio" name={props.group} checked={props.checked} onChange={props.onChoose} />
      <span>{props.name}</span>
    </label>
  );
}

export function TrackMenu({ playback }: { playback: PlaybackSession }) {
  const words = useWords();
  return (
    <Menu icon="captions" label={words.watch.audioAndSubtitles}>
      <Tracks playback={playback} key={playback.tracks} />
    </Menu>
  );
}

function Tracks({ playback }: { playback: PlaybackSession }) {
  const words = useWords();
  const language = useLanguage();
  const [, again] = useState(0);
  const player = playback.filmPlayer.current?.player;
  if (!player) return null;
  const then = (act: () => void) => () => {
    act();
    again((before) => before + 1);
  };
  const audio = player.getAudioTracks();
  const text = player.getTextTracks().filter((track) => !track.forced);
  const nameOf = (track: { language: string; channelsCount?: number | null; roles: string[]; label?: string | null }) =>
    [
      languageName(track.language, language),
      track.channelsCount && track.channelsCount > 2 ? words.watch.surround : "",
      track.roles.some((role) => role.includes("descri")) ? words.watch.described : "",
      track.label || (track.roles.includes("commentary") ? words.watch.commentary : ""),
    ]
      .filter(Boolean)
      .join(" ");
  return (
    <>
      <fieldset>
        <legend>{words.watch.audio}</legend>
        {audio.map((track) => (
          <Choice
            key={`${track.language}${track.channelsCount}${track.roles.join()}${track.codecs}${track.label}`}
            group="audio"
            name={nameOf(track)}
            checked={track.active}
            onChoose={then(() => player.selectAudioTrack(track))}
          />
        ))}
      </fieldset>
      <fieldset>
        <legend>{words.watch.subtitles}</legend>
        <Choice group="text" name={words.watch.off} checked={!text.some((track) => track.active)} onChoose={then(() => player.selectTextTrack(null))} />
        {text.map((track) => (
          <Choice key={track.id} group="text" name={nameOf(track)} checked={track.active} onChoose={then(() => player.selectTextTrack(track))} />
        ))}
      </fieldset>
    </>
  );
}

export function SpeedMenu({ rate, onRate }: { rate: number; onRate: (rate: number) => void }) {
  const words = useWords();
  return (
    <Menu icon="speed" label={words.watch.speed}>
      <fieldset>
        <legend>{words.watch.speed}</legend>
        {SPEEDS.map((speed) => (
          <Choice
            key={speed}
            group="speed"
            name={speed === 1 ? words.watch.normal : `${speed} ×`}
            checked={rate === speed}
            onChoose={() => onRate(speed)}
          />
        ))}
      </fieldset>
    </Menu>
  );
}
