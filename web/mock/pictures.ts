/** Drawn stand-ins for artwork: each name gives another scene of light. */

const PALETTES = [
  ["#1b0f1c", "#7a2f3d", "#f2b45a", "#ffe6b8"],
  ["#0d1a24", "#235a6b", "#9fd3c7", "#f7edd2"],
  ["#1e140b", "#7c4a1e", "#e9a23b", "#fff0cf"],
  ["#101c15", "#2f6045", "#c4cf73", "#f6f2d8"],
  ["#170f26", "#56367c", "#e58fb1", "#ffe5d6"],
  ["#200c0c", "#8e2f25", "#ef7b45", "#ffe1bd"],
  ["#0c1626", "#2d4f88", "#86b6e8", "#f4efe0"],
];

function chanceOf(name: string): () => number {
  let seed = [...name].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) >>> 0, 7);
  return () => {
    seed = (seed * 1664525 + 1013904223) >>> 0;
    return seed / 2 ** 32;
  };
}

export function picture(shape: string, name: string): string {
  const chance = chanceOf(name);
  const [width, height] = shape === "poster" ? [400, 600] : [1280, 720];
  const [dark, mid, warm, light] = PALETTES[Math.floor(chance() * PALETTES.length)] ?? ["#111", "#222", "#333", "#eee"];
  const sunX = width * (0.45 + chance() * 0.4);
  const sunY = height * (0.22 + chance() * 0.3);
  const radius = Math.min(width, height) * (0.14 + chance() * 0.16);
  const hills = [0, 1, 2].map((layer) => {
    const base = height * (0.58 + layer * 0.13);
    const points = Array.from({ length: 9 }, (_, at) => `${(width * at) / 8},${base - chance() * height * 0.16}`);
    return `<polygon points="0,${height} ${points.join(" ")} ${width},${height}" fill="${layer === 2 ? dark : mid}" opacity="${0.55 + layer * 0.2}"/>`;
  });
  const words =
    shape === "billboard"
      ? ""
      : `<text x="${width * 0.07}" y="${height * 0.92}" font-family="Georgia,serif" font-weight="700" font-size="${Math.min(height * 0.1, (width * 1.5) / name.length)}" fill="${light}">${name.replace(/&/g, "&amp;").replace(/ \d\d$/, "")}</text>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"><defs><linearGradient id="s" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="${dark}"/><stop offset=".65" stop-color="${mid}"/><stop offset="1" stop-color="${warm}"/></linearGradient><radialGradient id="g"><stop offset="0" stop-color="${light}"/><stop offset=".5" stop-color="${warm}"/><stop offset="1" stop-color="${warm}" stop-opacity="0"/></radialGradient></defs><rect width="100%" height="100%" fill="url(#s)"/><circle cx="${sunX}" cy="${sunY}" r="${radius * 2.2}" fill="url(#g)" opacity=".5"/><circle cx="${sunX}" cy="${sunY}" r="${radius}" fill="${light}" opacity=".92"/>${hills.join("")}${words}</svg>`;
}
