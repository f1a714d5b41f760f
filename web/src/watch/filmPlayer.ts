/**
 * Plays one session with Shaka. Knows nothing of the controls.
 *
 * Edges that are silent for two seconds are left, and content steering says where to go next. When
 * no edge can be reached the film waits, as long as its session lives.
 */

import type { PlayAnswer } from "../api/types";
import { Abr } from "./abr";
import { readWholeSamples } from "./cueSamples";
import type { Preferences } from "./preferences";
import { EdgeOrder } from "./edges";
import { chosen, decoded, isHdr, keepPictures, screenLines } from "./pictures";
import { edgeOf, hostOf, type Tokens, withPathToken } from "./tokens";
import { shaka, type ShakaPlayer } from "./shaka";
import { SteeringClient } from "./steering";
import { fullText } from "./trackNames";

export interface Stats {
  startupMs: number | null;
  stalls: number;
  stalledMs: number;
  switches: number;
}

export interface FilmPlayerEvents {
  onError: (error: shaka.util.Error) => void;
  onTracks: () => void;
  onBuffering: (buffering: boolean) => void;
  /** Whether the last segment came, or nobody could be reached. */
  onReach: (reached: boolean) => void;
}

const PATIENCE = { connectionTimeout: 2000, stallTimeout: 2000, timeout: 20_000, maxAttempts: 5, baseDelay: 250, backoffFactor: 1.6, fuzzFactor: 0.4 };

/**
 * Once the film runs: some two minutes, as long as a session lives without a heartbeat. Shaka's own
 * way, an error and then `retryStreaming`, forgets a rendition whose index could not be read.
 */
const LONG_PATIENCE = { ...PATIENCE, maxAttempts: 60, backoffFactor: 1.05 };
const REFUSALS = 4;

/** Shaka takes a path without a host for a host. */
const absolute = (url: string): string => new URL(url, window.location.href).href;

export class FilmPlayer {
  readonly stats: Stats = { startupMs: null, stalls: 0, stalledMs: 0, switches: 0 };
  readonly tokens: Tokens;
  readonly player: ShakaPlayer;
  private lastUri = "";
  private readonly failedEdges = new Set<string>();
  private rungs: ReadonlySet<string> | null = null;
  private stalledSince: number | null = null;
  private refusals = 0;
  private readonly startedAt = performance.now();
  private readonly edges: EdgeOrder;
  private readonly steering: SteeringClient;

  constructor(
    private readonly video: HTMLVideoElement,
    textContainer: HTMLElement,
    private readonly answer: PlayAnswer,
    private readonly wishes: { dataSaver: boolean; languages: readonly string[]; preferred: Preferences },
    private readonly events: FilmPlayerEvents,
  ) {
    shaka.polyfill.installAll();
    readWholeSamples();
    this.edges = new EdgeOrder(answer.edges);
    this.tokens = { pathToken: null, licenceToken: answer.licence?.token ?? "" };
    this.player = new shaka.Player();
    this.steering = new SteeringClient({
      pathway: () => edgeOf(answer.edges, this.lastUri),
      throughputBps: () => this.player.getStats().estimatedBandwidth || 0,
      onOrder: (pathways) => this.edges.steered(pathways),
    });
    const preferred = wishes.preferred.audio;
    this.player.setVideoContainer(textContainer);
    this.player.configure({
      abrFactory: () => new Abr(wishes),
      preferredAudio: [...(preferred ? [{ language: preferred.language, ...(preferred.role ? { role: preferred.role } : {}) }] : []), ...wishes.languages.map((language) => ({ language }))],
      manifest: { retryParameters: PATIENCE, dash: { manifestPreprocessorTXml: (mpd: shaka.extern.xml.Node) => this.prepare(mpd) } },
      drm: {
        servers: answer.licence ? { "org.w3.clearkey": absolute(answer.licence.clear_key_url) } : {},
        retryParameters: PATIENCE,
      },
      streaming: {
        retryParameters: PATIENCE,
        bufferingGoal: 30,
        bufferBehind: 30,
        rebufferingGoal: 0.4,
        segmentPrefetchLimit: 2,
      },
      cmcd: { enabled: true, useHeaders: false, version: 1, sessionId: answer.session_id, contentId: answer.asset_id },
    });
    this.player.getNetworkingEngine()?.registerRequestFilter((type, request) => this.carryPasses(type, request));
    this.player.getNetworkingEngine()?.registerResponseFilter((type) => {
      if (type !== shaka.net.NetworkingEngine.RequestType.SEGMENT) return;
      this.refusals = 0;
      this.events.onReach(true);
    });
    this.listen();
  }

  /** Protected media needs more of a browser, which has it at secure addresses alone. */
  static plays(answer: Pick<PlayAnswer, "licence">): boolean {
    return shaka.Player.isBrowserSupported() && (!answer.licence || typeof navigator.requestMediaKeySystemAccess === "function");
  }

  async start(fromMs: number): Promise<void> {
    this.rungs = await this.chooseRungs();
    await this.player.attach(this.video);
    await this.player.load(absolute(this.answer.manifests.dash), fromMs > 0 ? fromMs / 1000 : null);
    const { text } = this.wishes.preferred;
    const tracks = this.player.getTextTracks();
    const wanted = text ? fullText(tracks, [text]) : undefined;
    if (wanted && wanted.language.split("-")[0] === text?.split("-")[0]) this.player.selectTextTrack(wanted);
    // Indexes are read with the manifest's patience, segments with that of streaming.
    this.player.configure({ manifest: { retryParameters: LONG_PATIENCE }, streaming: { retryParameters: LONG_PATIENCE } });
  }

  /** The host that the last segment was asked of. */
  get lastEdge(): string {
    return hostOf(this.lastUri);
  }

  /** The edges that did not serve since this was last asked; each is told once. */
  takeFailedEdges(): string[] {
    const failed = [...this.failedEdges];
    this.failedEdges.clear();
    return failed;
  }

  destroy(): Promise<unknown> {
    this.steering.stop();
    return this.player.destroy();
  }

  /** None where nothing can be said: then the player takes what it can, but of HDR. */
  private async chooseRungs(): Promise<ReadonlySet<string> | null> {
    const found = await decoded(this.answer.rungs, this.answer.licence !== null);
    const rungs = chosen(found, screenLines(), this.wishes);
    const plain = this.answer.rungs.filter((rung) => !isHdr(rung));
    const kept = rungs.length > 0 ? rungs : plain.length < this.answer.rungs.length ? plain : [];
    return kept.length > 0 ? new Set(kept.map(({ name }) => name)) : null;
  }

  private prepare(mpd: shaka.extern.xml.Node): void {
    this.steering.takeFrom(mpd);
    if (this.rungs) keepPictures(mpd, this.rungs);
  }

  private carryPasses(type: shaka.net.NetworkingEngine.RequestType, request: shaka.extern.Request): void {
    const { RequestType } = shaka.net.NetworkingEngine;
    // A manifest may name the licence service by a path; Shaka would take that for a host.
    if (type === RequestType.LICENSE && this.answer.licence) {
      request.uris = [absolute(this.answer.licence.clear_key_url)];
    }
    if (type === RequestType.LICENSE || type === RequestType.KEY) {
      request.headers["X-Licence-Token"] = this.tokens.licenceToken;
      request.headers["Content-Type"] = "application/json";
    } else if (type === RequestType.SEGMENT) {
      const { attempt = 0 } = request;
      request.uris = this.edges.sorted(request.uris, attempt).map((uri) => withPathToken(uri, this.tokens.pathToken));
      this.lastUri = request.uris[attempt % request.uris.length] ?? "";
    }
  }

  private listen(): void {
    const { player, video, events, stats } = this;
    player.addEventListener("error", (event) => {
      const { detail } = event as unknown as { detail: shaka.util.Error };
      this.noteFailure(detail);
      events.onError(detail);
    });
    player.getNetworkingEngine()?.addEventListener("retry", (event) => {
      const { error } = event as unknown as { error: shaka.util.Error };
      this.noteFailure(error);
      // An outage is waited out. Who says no, again and again, means it.
      if (!isRefusal(error)) events.onReach(false);
      else if (++this.refusals >= REFUSALS) event.preventDefault();
    });
    player.addEventListener("trackschanged", events.onTracks);
    player.addEventListener("adaptation", () => {
      stats.switches += 1;
      events.onTracks();
    });
    player.addEventListener("buffering", (event) => this.buffered((event as unknown as { buffering: boolean }).buffering));
    video.addEventListener("playing", () => {
      stats.startupMs ??= performance.now() - this.startedAt;
    });
  }

  private noteFailure(error: { data?: unknown[] } | undefined): void {
    const uri = String(error?.data?.[0] ?? "");
    const failed = edgeOf(this.answer.edges, uri);
    if (!failed) return;
    this.failedEdges.add(failed);
    this.edges.failed(uri);
  }

  private buffered(buffering: boolean): void {
    const { stats, video } = this;
    // What happens before the first picture is startup, and a seek is the viewer's own wish.
    if (buffering && stats.startupMs !== null && !video.seeking) {
      stats.stalls += 1;
      this.stalledSince = performance.now();
    } else if (!buffering && this.stalledSince !== null) {
      stats.stalledMs += performance.now() - this.stalledSince;
      this.stalledSince = null;
    }
    this.events.onBuffering(buffering);
  }
}

/** Somebody answered, and does not only say that it cannot just now. */
function isRefusal(error: shaka.util.Error): boolean {
  return error.code === shaka.util.Error.Code.BAD_HTTP_STATUS && Number(error.data[1]) < 500;
}
