/** The strip below the picture. */

import { useEffect, useState } from "react";

import type { PlayAnswer } from "../api/types";
import { Icon, type IconName } from "../components/Icon";
import { useWords } from "../words";
import type { Actions } from "./actions";
import { clock, type Media } from "./media";
import { SeekBar } from "./SeekBar";
import type { PlaybackSession } from "./playbackSession";
import { AddressMenu, SpeedMenu, TrackMenu } from "./menus";
import { QualityMenu } from "./QualityMenu";

interface Props {
  answer: PlayAnswer;
  media: Media;
  actions: Actions;
  playback: PlaybackSession;
  onKeys: () => void;
}

export function Controls({ answer, media, actions, playback, onKeys }: Props) {
  const words = useWords();
  const say = words.watch;
  const full = useFullscreen();
  const silent = media.muted || media.volume === 0;
  return (
    <div className="controls">
      <SeekBar answer={answer} media={media} tokens={playback.filmPlayer} onSeek={actions.seekTo} />
      <div className="controls-line">
        <Button icon={media.playing ? "pause" : "play"} label={media.playing ? say.pause : say.play} keys="k" large onClick={actions.togglePlay} />
        <Button icon="back10" label={say.back10} keys="j" onClick={() => actions.seekBy(-10)} badge="10" />
        <Button icon="forward10" label={say.forward10} keys="l" onClick={() => actions.seekBy(10)} badge="10" />
        <div className="volume">
          <Button icon={silent ? "muted" : "volume"} label={silent ? say.unmute : say.mute} keys="m" onClick={actions.toggleMute} />
          <input
            type="range"
            min={0}
            max={1}
            step={0.05}
            value={silent ? 0 : media.volume}
            aria-label={say.volume}
            onChange={(event) => actions.setVolume(Number(event.target.value))}
          />
        </div>
        <p className="controls-clock">
          {clock(media.timeS)} <span className="quiet">/ {clock(Math.round(media.durationS || answer.duration_ms / 1000))}</span>
        </p>
        <span className="controls-space" />
        {actions.next && <Button icon="next" label={say.next} keys="n" onClick={actions.next} />}
        <TrackMenu playback={playback} />
        {!answer.licence && <AddressMenu sessionId={answer.session_id} />}
        <QualityMenu playback={playback} />
        <SpeedMenu rate={media.rate} onRate={actions.setRate} />
        <Button icon="keys" label={say.keys} keys="?" onClick={onKeys} wide />
        {document.pictureInPictureEnabled && <Button icon="pip" label={say.pip} onClick={actions.togglePip} wide />}
        <Button icon={full ? "unfull" : "full"} label={full ? say.leaveFullscreen : say.fullscreen} keys="f" onClick={actions.toggleFullscreen} />
      </div>
    </div>
  );
}

function Button(props: { icon: IconName; label: string; keys?: string; large?: boolean; wide?: boolean; badge?: string; onClick: () => void }) {
  return (
    <button
      type="button"
      className="control"
      data-large={props.large || undefined}
      data-wide-only={props.wide || undefined}
      aria-label={props.label}
      aria-keyshortcuts={props.keys}
      title={props.keys ? `${props.label} (${props.keys.toUpperCase()})` : props.label}
      onClick={props.onClick}
    >
      <Icon name={props.icon} />
      {props.badge && (
        <span className="control-badge" aria-hidden="true">
          {props.badge}
        </span>
      )}
    </button>
  );
}

function useFullscreen(): boolean {
  const [full, setFull] = useState(!!document.fullscreenElement);
  useEffect(() => {
    const change = () => setFull(!!document.fullscreenElement);
    document.addEventListener("fullscreenchange", change);
    return () => document.removeEventListener("fullscreenchange", change);
  }, []);
  return full;
}
