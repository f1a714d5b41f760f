const PATHS = {
  home: "M4 11 12 4l8 7v9h-5v-6H9v6H4z",
  grid: "M4 4h7v7H4zM13 4h7v7h-7zM4 13h7v7H4zM13 13h7v7h-7z",
  list: "M6 3h12v18l-6-4.5L6 21z",
  search: "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM15.5 15.5 21 21",
  play: "M7 4.5v15l13-7.5z",
  pause: "M7 4.5h3.6v15H7zM13.4 4.5H17v15h-3.6z",
  plus: "M12 5v14M5 12h14",
  check: "M4.5 12.5 10 18 20 6.5",
  info: "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM12 11v5.5M12 7.6v.2",
  left: "M15 5l-7 7 7 7",
  right: "M9 5l7 7-7 7",
  close: "M5.5 5.5l13 13M18.5 5.5l-13 13",
  up: "M7 10.5 11 3c1.8 0 2.7 1.2 2.3 3l-.7 3.5H19a1.6 1.6 0 0 1 1.6 2l-1.8 7a2 2 0 0 1-2 1.5H7zM3.5 10.5H7V20H3.5z",
  down: "M7 13.5 11 21c1.8 0 2.7-1.2 2.3-3l-.7-3.5H19a1.6 1.6 0 0 0 1.6-2l-1.8-7a2 2 0 0 0-2-1.5H7zM3.5 13.5H7V4H3.5z",
  love: "M12 20S4 15 4 9.2C4 6.6 6 5 8.1 5c1.7 0 3.1 1 3.9 2.4C12.800 6 14.200 5 15.900 5 18 5 20 6.600 20 9.200 20 15 12 20 12 20z",
  back10: "M5 5v5h5M5.600 10A8 8 0 1 1 4.200 14",
  forward10: "M19 5v5h-5M18.400 10A8 8 0 1 0 19.800 14",
  volume: "M4 9.500v5h3.500L12 18.500v-13L7.500 9.500zM15.500 9a4 4 0 0 1 0 6M18 6.500a7.500 7.500 0 0 1 0 11",
  muted: "M4 9.500v5h3.500L12 18.500v-13L7.500 9.500zM16 9.500l5 5M21 9.500l-5 5",
  captions: "M3.500 6h17v12.500h-17zM7 11h4M13 11h4M7 14.500h6M15 14.500h2",
  speed: "M5 18a8.500 8.500 0 1 1 14 0M12 13.500l4-4.500",
  quality: "M4 19v-4M9 19v-7M14 19V9M19 19V5",
  pip: "M3.500 5.500h17v13h-17zM12.500 12h6v4.500h-6z",
  full: "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5",
  unfull: "M9 4v5H4M20 9h-5V4M15 20v-5h5M4 15h5v5",
  next: "M5 5v14l10-7zM17 5v14",
  keys: "M3.500 6.500h17v11h-17zM7 10.500h.01M10.500 10.500h.01M14 10.500h.01M17 10.500h.01M8 14h8",
  link: "M10 14a4 4 0 0 0 5.700 0l3-3a4 4 0 0 0-5.700-5.700l-1 1M14 10a4 4 0 0 0-5.700 0l-3 3a4 4 0 0 0 5.700 5.700l1-1",
  lock: "M6 11h12v9H6zM8.500 11V8a3.500 3.500 0 0 1 7 0v3",
  pencil: "M4 20l1-4L16.500 4.500l3 3L8 19z",
  trash: "M5 7h14M9.500 7V4.500h5V7M7 7l.800 13h8.400L17 7",
} as const;

export type IconName = keyof typeof PATHS;

const SOLID = new Set<IconName>(["play", "pause"]);

export function Icon({ name, filled }: { name: IconName; filled?: boolean }) {
  const solid = filled || SOLID.has(name);
  return (
    <svg className="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path
        d={PATHS[name]}
        fill={solid ? "currentColor" : "none"}
        stroke="currentColor"
        strokeWidth={solid ? 1.2 : 1.7}
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}
