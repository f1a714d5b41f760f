/**
 * A stand-in for the service while one works on the pages: `npm run dev` without
 * VITASCOPE_SERVER. Signs anyone in, remembers until it is stopped, and is no part of the build.
 */

import { createReadStream, existsSync, statSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join, normalize } from "node:path";
import type { Plugin } from "vite";

import type { Avatar, HomeRow, HomeRowKind, Profile, Tile, TitleCard } from "../src/api/types";
import { picture } from "./pictures.ts";
import { CARDS, GENRES, SEASONS } from "./titles.ts";

const FILM = process.env.VITASCOPE_MOCK_FILM; // a folder with main.mpd, and keys.json for ClearKey

type Handler = (match: RegExpMatchArray, body: Record<string, unknown>, url: URL) => unknown;

class Refused extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly extra: Record<string, unknown> = {},
  ) {
    super(detail);
  }
}

const account = { id: "acc_1", email: "viewer@demo.example", name: "Ines", role: "viewer", country: "FR", locale: "en", created_at_ms: 0 };
const device = { id: "dev_1", name: "Chrome on Linux", kind: "web", created_at_ms: Date.now() - 9e8, last_seen_at_ms: Date.now() };
const face = (id: string, name: string, avatar: Avatar, more: Partial<Profile> = {}): Profile => ({
  id, name, avatar, account_id: "acc_1", kids: false, maturity: 18, locale: "en", has_pin: false, autoplay: true, data_saver: false, ...more,
});

const state = {
  in: false,
  profile: null as Profile | null,
  profiles: [
    face("pro_1", "Ines", "comet"),
    face("pro_2", "Marcel", "lantern", { locale: "fr", has_pin: true }),
    face("pro_3", "Yara", "fern"),
    face("pro_4", "Little ones", "kite", { kids: true, maturity: 7 }),
  ],
  list: new Set(["ttl_metropolis", "ttl_sintel", "ttl_charade"]),
  thumbs: new Map<string, string | null>(),
  positions: new Map<string, number>([["ttl_sherlock-jr", 1_100_000], ["ttl_nosferatu", 4_000_000], ["epi_1_2", 700_000]]),
  plan: "standard",
};

const PLANS = [
  { id: "basic", name: "Basic", streams: 1, max_height: 720, key_labels: ["AUDIO", "SD", "HD"], price: { minor: 599, currency: "EUR" } },
  { id: "standard", name: "Standard", streams: 2, max_height: 1080, key_labels: ["AUDIO", "SD", "HD"], price: { minor: 999, currency: "EUR" } },
  { id: "premium", name: "Premium", streams: 4, max_height: 2160, key_labels: ["AUDIO", "SD", "HD", "UHD"], price: { minor: 1499, currency: "EUR" } },
];

const signedIn = () => ({ account, device, tokens: { access_token: "mock", expires_in_s: 600, refresh_token: "", profile_token: "" }, profile: state.profile });
const need = (id: string): TitleCard => {
  const card = CARDS.find((one) => one.id === id);
  if (!card) throw new Refused(404, "no-such-title", "There is no such title, or not for this profile.");
  return card;
};
const tile = (card: TitleCard, more: Partial<Tile> = {}): Tile => ({ card, content_id: card.playable ? card.id : null, episode: null, position_ms: null, duration_ms: null, ...more });
const series = CARDS.find((card) => card.kind === "series");

function rows(): HomeRow[] {
  const going = [...state.positions].flatMap(([id, position_ms]): Tile[] => {
    const episode = SEASONS.flatMap((season) => season.episodes).find((one) => one.id === id) ?? null;
    const card = episode ? series : CARDS.find((one) => one.id === id);
    return card ? [tile(card, { content_id: id, episode, position_ms, duration_ms: episode?.duration_ms ?? card.duration_ms })] : [];
  });
  const row = (id: string, heading: string, cards: TitleCard[], reason = ""): HomeRow => ({ id, kind: id.split(":")[0] as HomeRowKind, heading, reason, tiles: cards.map((card) => tile(card)), next_page_token: null });
  return [
    { id: "continue", kind: "continue" as const, heading: "Continue watching", reason: "", tiles: going, next_page_token: null },
    row("new", "New this week", CARDS.slice(0, 14)),
    row("list", "My list", CARDS.filter((card) => state.list.has(card.id))),
    row("because:ttl_nosferatu", "Because you watched Nosferatu", CARDS.filter((card) => card.genres.includes("horror") || card.genres.includes("fantasy")), "Shares people and genres"),
    ...GENRES.map((genre) => row(`genre:${genre}`, genre.charAt(0).toUpperCase() + genre.slice(1), CARDS.filter((card) => card.genres.includes(genre)))),
  ].filter((one) => one.tiles.length > 0);
}

const ROUTES: [string, RegExp, Handler][] = [
  ["POST", /^\/api\/sign-(in|up)$/, (_m, body) => {
    if (body.password === "wrong") throw new Refused(401, "wrong-credentials", "The e-mail address or the password is not right.");
    state.in = true;
    return signedIn();
  }],
  ["POST", /^\/api\/refresh$/, () => {
    if (!state.in) throw new Refused(401, "token-refused", "Sign in again.");
    return signedIn();
  }],
  ["POST", /^\/api\/sign-out/, () => { state.in = false; state.profile = null; }],
  ["GET", /^\/api\/profiles$/, () => state.profiles],
  ["POST", /^\/api\/profiles$/, (_m, body) => {
    if (state.profiles.length >= 5) throw new Refused(409, "too-many-profiles", "An account has at most five profiles.");
    const made = face(`pro_${Date.now()}`, "", "comet", body as Partial<Profile>);
    state.profiles.push(made);
    return made;
  }],
  ["PATCH", /^\/api\/profiles\/(.+)$/, (m, body) => {
    const { pin, ...rest } = body as Partial<Profile> & { pin?: string };
    state.profiles = state.profiles.map((one) => one.id === m[1] ? { ...one, ...rest, ...(pin === undefined ? {} : { has_pin: pin !== "" }) } : one);
    return state.profiles.find((one) => one.id === m[1]);
  }],
  ["DELETE", /^\/api\/profiles\/(.+)$/, (m) => { state.profiles = state.profiles.filter((one) => one.id !== m[1]); }],
  ["POST", /^\/api\/profiles\/(.+)\/choose$/, (m, body) => {
    const chosen = state.profiles.find((one) => one.id === m[1]) ?? null;
    if (chosen?.has_pin && !body.pin) throw new Refused(403, "pin-needed", "This profile asks for its PIN.");
    if (chosen?.has_pin && body.pin !== "1234") throw new Refused(403, "wrong-pin", "That is not this profile's PIN.");
    state.profile = chosen;
    return signedIn();
  }],
  ["GET", /^\/api\/devices$/, () => [device, { ...device, id: "dev_2", name: "Living-room television", kind: "television", last_seen_at_ms: Date.now() - 7e7 }]],
  ["DELETE", /^\/api\/devices\/(.+)$/, () => undefined],
  ["GET", /^\/api\/plans$/, () => PLANS],
  ["GET", /^\/api\/subscription$/, () => ({ account_id: "acc_1", state: "active", plan: PLANS.find((one) => one.id === state.plan) })],
  ["PUT", /^\/api\/subscription$/, (_m, body) => { state.plan = String(body.plan_id); return { account_id: "acc_1", state: "active", plan: PLANS.find((one) => one.id === state.plan) }; }],
  ["GET", /^\/api\/homepage$/, (_m, _b, url) => {
    const from = Number(url.searchParams.get("page_token") ?? 0);
    const all = rows();
    const card = need("ttl_metropolis");
    return {
      billboard: from ? null : { tile: tile(need("ttl_a-trip-to-the-moon")), synopsis: "A cannon is cast, six astronomers climb in, and the moon does not see it coming. The first great voyage of the cinema, in every colour it was painted with.", in_list: state.list.has(card.id) },
      rows: all.slice(from, from + 5),
      next_page_token: from + 5 < all.length ? String(from + 5) : null,
      degraded: [],
    };
  }],
  ["GET", /^\/api\/titles\/(.+)$/, (m) => {
    const card = need(decodeURIComponent(m[1] ?? ""));
    const positions = Object.fromEntries(state.positions);
    const content = card.kind === "series" ? "epi_1_2" : card.id;
    const episode = card.kind === "series" ? (SEASONS[0]?.episodes[1] ?? null) : null;
    return {
      title: {
        card,
        synopsis: `${card.tagline} Shot on real locations and cut by hand, it still moves faster than most of what came after.`,
        credits: [["Buster Keaton", "director", ""], ["Kathryn McGuire", "cast", "The Girl"], ["Joe Keaton", "cast", "Her Father"], ["Erwin Connelly", "cast", "The Butler"], ["Clyde Bruckman", "writer", ""]].map(([name, role, character], at) => ({ person_id: `per_${at}`, name, role, character })),
        countries: ["FR"], original_language: "en", audio_languages: ["en", "fr"], text_languages: ["en", "fr", "de"], max_height: 1080,
        seasons: card.kind === "series" ? SEASONS : [], licence_note: "Public domain",
      },
      in_list: state.list.has(card.id),
      thumb: state.thumbs.get(card.id) ?? null,
      resume: card.playable ? tile(card, { content_id: content, episode, position_ms: state.positions.get(content) ?? null, duration_ms: episode?.duration_ms ?? card.duration_ms }) : null,
      positions, durations: Object.fromEntries([...state.positions].map(([id]) => [id, 1_500_000])),
      similar: CARDS.filter((one) => one.id !== card.id && one.genres.some((genre) => card.genres.includes(genre))).slice(0, 12),
      degraded: [],
    };
  }],
  ["GET", /^\/api\/search$/, (_m, _b, url) => {
    const text = (url.searchParams.get("q") ?? "").toLowerCase();
    const cards = CARDS.filter((card) => `${card.name} ${card.genres.join(" ")}`.toLowerCase().includes(text));
    return { query: text, cards, suggestions: text ? ["Buster Keaton", "Silent comedy", "Fritz Lang"] : [] };
  }],
  ["GET", /^\/api\/my-list$/, () => ({ cards: CARDS.filter((card) => state.list.has(card.id)) })],
  ["PUT", /^\/api\/my-list\/(.+)$/, (m) => { state.list.add(m[1] ?? ""); }],
  ["DELETE", /^\/api\/my-list\/(.+)$/, (m) => { state.list.delete(m[1] ?? ""); }],
  ["PUT", /^\/api\/thumbs\/(.+)$/, (m, body) => { state.thumbs.set(m[1] ?? "", body.thumb as string | null); }],
  ["GET", /^\/api\/history$/, () => ({ items: [...state.positions].flatMap(([id, position_ms]) => { const card = CARDS.find((one) => one.id === id); return card ? [{ card, episode: null, position_ms, duration_ms: card.duration_ms, at_ms: Date.now() - position_ms * 9 }] : []; }), next_page_token: null })],
  ["DELETE", /^\/api\/history\/(.+)$/, (m) => { state.positions.delete(m[1] ?? ""); }],
  ["GET", /^\/api\/genres$/, () => GENRES.map((slug) => ({ slug, name: slug.charAt(0).toUpperCase() + slug.slice(1), titles: CARDS.filter((card) => card.genres.includes(slug)).length }))],
  ["GET", /^\/api\/catalog$/, (_m, _b, url) => {
    const genre = url.searchParams.get("genre");
    return { cards: CARDS.filter((card) => !genre || card.genres.includes(genre)), next_page_token: null };
  }],
  ["POST", /^\/api\/play$/, (_m, body) => {
    const id = String(body.content_id);
    if (id.includes("charade")) throw new Refused(429, "too-many-streams", "Your plan plays on 2 devices at once, and both are playing.", { devices: [{ device: "Living-room television", title: "Metropolis", since_ms: Date.now() - 3e6 }, { device: "Phone", title: "Sintel", since_ms: Date.now() - 4e5 }] });
    if (!FILM) throw new Refused(503, "no-edge", "The mock plays only with VITASCOPE_MOCK_FILM.");
    return playAnswer(id);
  }],
  ["POST", /^\/api\/progress$/, () => ({ expires_at_ms: Date.now() + 150_000, path_token: "fresh", licence_token: "fresh", heartbeat_s: 30 })],
  ["GET", /^\/api\/streams$/, () => [{ session_id: "ses_other", device: "Living-room television", title: "Metropolis", since_ms: Date.now() - 3e6 }]],
  ["POST", /^\/api\/play\/(.+)\/stop$/, () => undefined],
  ["POST", /^\/api\/licence\/clearkey$/, (_m, body) => licence(body.kids as string[])],
];

function playAnswer(id: string) {
  return {
    session_id: `ses_${Date.now()}`, content_id: id, title_id: id.startsWith("epi") ? series?.id : id, name: id.startsWith("epi") ? "The Lost Island · S1 E2 · The Map" : (CARDS.find((one) => one.id === id)?.name ?? id),
    asset_id: "ast_1", version: "v1", duration_ms: 30_000, resume_position_ms: 0,
    manifests: { dash: "/mock-film/s/first/main.mpd", hls: "" },
    licence: { clear_key_url: "/api/licence/clearkey", raw_key_url: "/api/licence/key/{key_id}", token: "first", expires_at_ms: Date.now() + 150_000 },
    edges: [{ edge_id: "edge-a", base_url: "/mock-film/s/first" }], steering_url: "", heartbeat_s: 30, rungs: [],
    thumbnails: FILM && existsSync(join(FILM, "thumbs-0.jpg")) ? { url: "thumbs-{index}.jpg", width: 160, height: 90, columns: 4, rows: 4, interval_ms: 2000, count: 15 } : null,
    next_content_id: "epi_1_3", credits_start_ms: 24_000, degraded: [],
  };
}

async function licence(kids: string[]) {
  const { readFileSync } = await import("node:fs");
  const keys = JSON.parse(readFileSync(join(FILM ?? "", "keys.json"), "utf8")) as Record<string, string>;
  const url = (hex: string) => Buffer.from(hex, "hex").toString("base64url");
  return { keys: Object.entries(keys).filter(([kid]) => kids.includes(url(kid))).map(([kid, key]) => ({ kty: "oct", kid: url(kid), k: url(key) })), type: "temporary" };
}

function sendFile(request: IncomingMessage, response: ServerResponse, name: string): void {
  const path = join(FILM ?? "", normalize(name).replace(/^(\.\.[/\\])+/, ""));
  if (!FILM || !existsSync(path)) return void response.writeHead(404).end();
  const size = statSync(path).size;
  const range = /bytes=(\d+)-(\d*)/.exec(request.headers.range ?? "");
  const start = range ? Number(range[1]) : 0;
  const end = range?.[2] ? Math.min(Number(range[2]), size - 1) : size - 1;
  response.writeHead(range ? 206 : 200, { "Content-Length": end - start + 1, "Accept-Ranges": "bytes", ...(range ? { "Content-Range": `bytes ${start}-${end}/${size}` } : {}) });
  createReadStream(path, { start, end }).pipe(response);
}

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return chunks.length ? (JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>) : {};
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
  const url = new URL(request.url ?? "/", "http://mock");
  const art = /^\/artwork\/(\w+)\/(.+)\.svg$/.exec(url.pathname);
  if (art) {
    response.writeHead(200, { "Content-Type": "image/svg+xml" }).end(picture(art[1] ?? "", decodeURIComponent(art[2] ?? "")));
    return true;
  }
  const film = /^\/mock-film\/s\/[^/]+\/(.+)$/.exec(url.pathname);
  if (film) {
    sendFile(request, response, film[1] ?? "");
    return true;
  }
  if (!url.pathname.startsWith("/api/")) return false;
  for (const [method, pattern, handler] of ROUTES) {
    const match = method === request.method ? url.pathname.match(pattern) : null;
    if (match) {
      const body = await handler(match, await bodyOf(request), url);
      response.writeHead(body === undefined ? 204 : 200, { "Content-Type": "application/json" }).end(body === undefined ? undefined : JSON.stringify(body));
      return true;
    }
  }
  throw new Refused(404, "not-found", `The mock does not know ${request.method} ${url.pathname}.`);
}

export function mockServer(): Plugin {
  return {
    name: "vitascope-mock",
    apply: "serve",
    configureServer(server) {
      server.middlewares.use((request, response, next) => {
        answer(request, response).then(
          (done) => (done ? undefined : next()),
          (error: unknown) => {
            const refused = error instanceof Refused ? error : new Refused(500, "mock", String(error));
            const body = { type: "about:blank", title: refused.code, status: refused.status, detail: refused.detail, code: refused.code, request_id: "mock", ...refused.extra };
            response.writeHead(refused.status, { "Content-Type": "application/problem+json" }).end(JSON.stringify(body));
          },
        );
      });
    },
  };
}
