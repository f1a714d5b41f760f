/** Audio, subtitles, speed, and an address for another player: small sheets that open above their button. */

import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useEffect, useRef, useState } from "react";

import { answered, api } from "../api/client";
import { isBack } from "../components/backKey";
import { Failure } from "../components/Failure";
import { Icon, type IconName } from "../components/Icon";
import { addressAt, useTrust } from "../trust/address";
import { useLanguage, useWords } from "../words";
import type { PlaybackSession } from "./playbackSession";
import { prefer } from "./preferences";
import { roleOf, trackNames } from "./trackNames";

const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 2];

export function Menu({ icon, label, children }: { icon: IconName; label: string; children: ReactNode }) {
  const [open, setOpen] = useState(false);
  const menu = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!open) return;
    menu.current?.querySelector<HTMLElement>("input:checked, input, [data-first]")?.focus();
    const away = (event: PointerEvent) => !menu.current?.contains(event.target as Node) && setOpen(false);
    document.addEventListener("pointerdown", away);
    return () => document.removeEventListener("pointerdown", away);
  }, [open]);
  return (
    <div
      className="control-menu"
      ref={menu}
      onKeyDown={(event) => {
        if (!isBack(event) || !open) return;
        event.stopPropagation(); // this key closes the menu, it does not leave the film
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
  const sounds = trackNames(words, language, audio);
  const texts = trackNames(words, language, text);
  const chooseText = (track: (typeof text)[number] | null) => {
    player.selectTextTrack(track);
    prefer({ text: track?.language ?? null });
  };
  return (
    <>
      <fieldset>
        <legend>{words.watch.audio}</legend>
        {audio.map((track, at) => (
          <Choice
            key={sounds[at]}
            group="audio"
            name={sounds[at] ?? ""}
            checked={track.active}
            onChoose={then(() => {
              player.selectAudioTrack(track);
              prefer({ audio: { language: track.language, role: roleOf(track) } });
            })}
          />
        ))}
      </fieldset>
      <fieldset>
        <legend>{words.watch.subtitles}</legend>
        <Choice group="text" name={words.watch.off} checked={!text.some((track) => track.active)} onChoose={then(() => chooseText(null))} />
        {text.map((track, at) => (
          <Choice key={track.id} group="text" name={texts[at] ?? ""} checked={track.active} onChoose={then(() => chooseText(track))} />
        ))}
      </fieldset>
    </>
  );
}

export function SpeedMenu({ rate, onRate }: { rate: number; onRate: (rate: number) => void }) {
  const words = useWords();
  const language = useLanguage();
  return (
    <Menu icon="speed" label={words.watch.speed}>
      <fieldset>
        <legend>{words.watch.speed}</legend>
        {SPEEDS.map((speed) => (
          <Choice
            key={speed}
            group="speed"
            name={speed === 1 ? words.watch.normal : `${speed.toLocaleString(language)} ×`}
            checked={rate === speed}
            onChoose={() => onRate(speed)}
          />
        ))}
      </fieldset>
    </Menu>
  );
}

/** Where another player finds this film, which is not protected. */
export function AddressMenu({ sessionId }: { sessionId: string }) {
  const words = useWords();
  return (
    <Menu icon="link" label={words.watch.address}>
      <Address sessionId={sessionId} />
    </Menu>
  );
}

function Address({ sessionId }: { sessionId: string }) {
  const say = useWords().watch;
  const field = useRef<HTMLInputElement>(null);
  const [copied, setCopied] = useState(false);
  const trust = useTrust().data;
  const address = useQuery({
    queryKey: ["address", sessionId],
    queryFn: () => answered(api.POST("/api/play/{session_id}/address", { params: { path: { session_id: sessionId } } })),
    staleTime: Infinity,
  });
  const path = address.data?.url ?? "";
  // Other players do not trust an authority of this installation's own.
  const url = !path ? "" : trust?.secure && trust.sha256 ? addressAt("http", trust.plain_port, path) : new URL(path, window.location.href).href;
  const copy = () => {
    field.current?.select();
    // Where the page is not secure there is no clipboard but that of the selection.
    if (navigator.clipboard) void navigator.clipboard.writeText(url).then(() => setCopied(true));
    else setCopied(document.execCommand("copy"));
  };
  return (
    <fieldset className="player-address">
      <legend>{say.address}</legend>
      {address.isError ? (
        <Failure error={address.error} />
      ) : (
        <>
          <input ref={field} readOnly aria-label={say.address} value={url} onFocus={(event) => event.target.select()} />
          <p className="quiet">{say.addressHint}</p>
          <button type="button" className="button button-small" disabled={!url} onClick={copy}>
            {copied ? say.copied : say.copy}
          </button>
        </>
      )}
    </fieldset>
  );
}
