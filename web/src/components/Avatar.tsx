/** Avatars of profiles, drawn as SVG. */

import type { ReactNode } from "react";
import type { Avatar as AvatarName } from "../api/types";

interface Face {
  back: string;
  scene: ReactNode;
}

const FACES: Record<AvatarName, Face> = {
  comet: {
    back: "#34203f",
    scene: (
      <>
        <path d="M8 52 44 16l6 8z" fill="#f4b860" opacity=".5" />
        <circle cx="45" cy="21" r="8" fill="#ffe3b3" />
      </>
    ),
  },
  lantern: {
    back: "#5b1f2c",
    scene: (
      <>
        <circle cx="32" cy="34" r="22" fill="#f4b860" opacity=".28" />
        <path d="M23 24h18l4 22H19zM27 18h10v6H27z" fill="#ffd698" />
      </>
    ),
  },
  fern: {
    back: "#1d4034",
    scene: (
      <path d="M32 56V16M32 26q10-2 14-10M32 26q-10-2-14-10M32 38q12-2 16-11M32 38q-12-2-16-11M32 50q10-2 15-10M32 50q-10-2-15-10" stroke="#cfe0a0" strokeWidth="4" fill="none" strokeLinecap="round" />
    ),
  },
  kite: {
    back: "#1f4a63",
    scene: (
      <>
        <path d="M36 8 52 26 36 42 22 26z" fill="#ffb27a" />
        <path d="M36 42q-10 4-6 12" stroke="#ffe3b3" strokeWidth="3" fill="none" />
      </>
    ),
  },
  moon: {
    back: "#22304f",
    scene: <path d="M42 12a22 22 0 1 0 10 32A18 18 0 0 1 42 12z" fill="#f7e7c4" />,
  },
  reel: {
    back: "#4a2a14",
    scene: (
      <>
        <circle cx="32" cy="32" r="20" fill="#f0c27c" />
        {[0, 72, 144, 216, 288].map((turn) => (
          <circle key={turn} cx="32" cy="21" r="5" fill="#4a2a14" transform={`rotate(${turn} 32 32)`} />
        ))}
      </>
    ),
  },
  wave: {
    back: "#15424a",
    scene: (
      <path d="M4 44q10-14 20 0t20 0 18 0v20H4zM4 32q10-12 20 0t20 0 18 0" fill="#8fd0c4" opacity=".9" />
    ),
  },
  ember: {
    back: "#3d1212",
    scene: <path d="M32 8q16 18 16 32a16 16 0 0 1-32 0q0-8 6-14 2 8 7 9-3-14 3-27z" fill="#ff9d5c" />,
  },
};

export const AVATARS = Object.keys(FACES) as AvatarName[];

export function Avatar({ name }: { name: AvatarName }) {
  const { back, scene } = FACES[name];
  return (
    <svg className="avatar" viewBox="0 0 64 64" aria-hidden="true">
      <rect width="64" height="64" fill={back} />
      {scene}
    </svg>
  );
}
