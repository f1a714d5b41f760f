/** Why the film does not play, and what one can do about it. */

import { useMutation, useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { Link } from "react-router";

import { answered, api } from "../api/client";
import type { Problem } from "../api/problem";
import { streamsQuery } from "../api/queries";
import { useSession } from "../api/session";
import type { StreamingDevice } from "../api/types";
import { addressAt, useTrust } from "../trust/address";
import { agoOf, useLanguage, useWords, type Words } from "../words";

export interface Reason {
  /** Stable, for tests. */
  code: string;
  title: string;
  text: string;
  devices?: StreamingDevice[];
  plans?: boolean;
  /** What it takes is to open this page over TLS. */
  secure?: boolean;
  again?: "retry" | "start";
}

export function explainProblem(words: Words, problem: Problem): Reason {
  const say = words.watch.errors;
  const { code } = problem;
  const detail = words.problems[code] || problem.detail;
  if (problem.offline) return { code, title: words.offline, text: words.offlineLong, again: "retry" };
  switch (code) {
    case "no-drm":
      return explainNoDrm(words);
    case "too-many-streams":
      return { code, title: say.tooMany, text: `${detail} ${say.tooManyLong}`.trim(), devices: problem.devices, plans: true, again: "retry" };
    case "session-ended":
      return { code, title: say.ended, text: say.endedLong, again: "start" };
    case "subscription-needed":
      return { code, title: say.subscription, text: detail, plans: true };
    case "not-yet-playable":
      return { code, title: say.notYet, text: detail || words.comingLong };
    case "no-such-title":
      return { code, title: words.noSuchTitle, text: detail || words.noSuchTitleLong };
    case "network-not-served":
      return { code, title: say.network, text: detail || say.networkLong };
    case "no-edge":
      return { code, title: say.network, text: detail || say.networkLong, again: "retry" };
    default:
      return { code, title: say.other, text: detail || words.troubleLong, again: "retry" };
  }
}

function explainNoDrm(words: Words): Reason {
  const say = words.watch.errors;
  if (window.isSecureContext === false) return { code: "not-secure", title: say.notSecure, text: say.notSecureLong, secure: true };
  return { code: "no-drm", title: say.noDrm, text: say.noDrmLong };
}

/** Shaka's categories: 1 network, 6 DRM. A 401 or 403 from an edge or the licence is a session that ran out. */
export function explainPlayback(words: Words, error: { category: number; code: number; data?: unknown[] }): Reason {
  const say = words.watch.errors;
  const number = `shaka-${error.code}`;
  const status = error.data?.find((one) => typeof one === "number" && one >= 400 && one < 600);
  if (error.code === 6000 || error.code === 6001) return explainNoDrm(words);
  if (error.category === 6) return { code: number, title: say.licence, text: say.licenceLong, again: "start" };
  if (status === 410) return { code: "session-ended", title: say.ended, text: say.endedLong, again: "start" };
  if (error.category === 1) return { code: number, title: say.network, text: say.networkLong, again: "start" };
  return { code: number, title: say.other, text: words.troubleLong, again: "start" };
}

interface Props {
  reason: Reason;
  onAgain?: (() => void) | undefined;
  onLeave: () => void;
}

export function WatchTrouble({ reason, onAgain, onLeave }: Props) {
  const words = useWords();
  const say = words.watch.errors;
  const session = useSession();
  const kids = session.state === "in" && !!session.profile?.kids;
  const section = useRef<HTMLElement>(null);
  useEffect(() => section.current?.querySelector<HTMLElement>("button, a")?.focus(), []);
  return (
    <section ref={section} className="watch-trouble" role="alert" data-code={reason.code}>
      <h1>{reason.title}</h1>
      <p className="lead">{reason.text}</p>
      {reason.devices && <Seats devices={reason.devices} onFreed={onAgain} />}
      <div className="actions">
        {reason.secure && <SecureAddress />}
        {reason.again && onAgain && (
          <button type="button" className="button" onClick={onAgain}>
            {reason.again === "start" ? say.startAgain : words.retry}
          </button>
        )}
        {reason.plans && !kids && (
          <Link className="button button-quiet" to="/account">
            {say.seePlans}
          </Link>
        )}
        <button type="button" className="button button-quiet" onClick={onLeave}>
          {words.back}
        </button>
      </div>
    </section>
  );
}

/** This page over TLS, where the service answers so. */
function SecureAddress() {
  const say = useWords().watch.errors;
  const { data } = useTrust();
  if (!data?.secure_port) return null;
  const address = addressAt("https", data.secure_port, window.location.pathname);
  return (
    <>
      <a className="button" href={address}>
        {say.openSecure(new URL(address).origin)}
      </a>
      {data.sha256 && (
        <a className="button button-quiet" href="/trust">
          {say.howToTrust}
        </a>
      )}
    </>
  );
}

/** The streams in use; each can be stopped from here. The refusal's own list is shown until the live one is there. */
function Seats({ devices, onFreed }: { devices: StreamingDevice[]; onFreed: (() => void) | undefined }) {
  const words = useWords();
  const language = useLanguage();
  const say = words.watch.errors;
  const streams = useQuery(streamsQuery);
  const stop = useMutation({
    mutationFn: (sessionId: string) => 
      answered(api.POST("/api/play/{session_id}/stop", { params: { path: { session_id: sessionId } } })),
    onSuccess: () => onFreed?.(),
  });
  const streamsInUse: (StreamingDevice & { session_id?: string })[] = streams.data ?? devices;
  return (
    <ul className="watch-devices">
      {streamsInUse.map((one) => (
        <li key={one.session_id ?? `${one.device}${one.since_ms}`}>
          <span>
            <strong>{one.device}</strong> · {one.title}
            <span className="quiet"> {say.since(agoOf(one.since_ms, language))}</span>
          </span>
          {one.session_id && (
            <button
              type="button"
              className="button button-quiet button-small"
              aria-label={`${say.stop}: ${one.device}, ${one.title}`}
              disabled={stop.isPending}
              onClick={() => stop.mutate(one.session_id ?? "")}
            >
              {say.stop}
            </button>
          )}
        </li>
      ))}
    </ul>
  );
}
