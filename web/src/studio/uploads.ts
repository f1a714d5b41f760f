/**
 * Uploads under way, outside of React so that they go on while one looks at another page. The
 * protocol is tus 1.0; the addresses of unfinished ones are kept by the browser, so that the same
 * file chosen again after a reload goes on where it stopped.
 */

import { useSyncExternalStore } from "react";
import { Upload, type DetailedError, type HttpRequest } from "tus-js-client";

import { catalogueHeaders } from "../api/catalogue";
import { answered, api, refresh } from "../api/client";
import { asProblem, type Problem, problemOf } from "../api/problem";
import { accessToken } from "../api/session";
import type { Title, Upload as Kept } from "../api/types";
import { unfinished } from "./live";

export type Priority = Kept["draft"]["priority"];
export type SoundRole = NonNullable<Kept["draft"]["sound"]>["role"];

/** "broken": the line is down, it goes on by itself. "lost": the service no longer keeps it. */
export type Phase = "ready" | "sending" | "paused" | "broken" | "refused" | "lost" | "received";

/** A sound track for what is published, rather than a master. */
export interface Sound {
  readonly titleId: string;
  readonly contentId: string;
  readonly language: string;
  readonly role: SoundRole;
  readonly label: string;
  readonly replaces: boolean;
}

/** A film or an episode that is there already, for which a master is delivered. */
export interface Target {
  readonly titleId: string;
  readonly contentId: string;
}

export interface Delivery {
  readonly key: string;
  readonly file: File;
  /** The name of the title, as typed. */
  readonly title: string;
  /** What it is for; null for a new film of that name. */
  readonly target: Target | null;
  /** What it is for was chosen on the title's own page. */
  readonly fixed: boolean;
  readonly replaces: boolean;
  /** "ready", "asked", or a date with its offset. */
  readonly publish: string;
  readonly priority: Priority;
  readonly phase: Phase;
  readonly sent: number;
  /** Bytes that the service had before this page began. */
  readonly before: number;
  readonly problem: Problem | null;
  /** The path of the upload at the service; empty until there is one. */
  readonly place: string;
  readonly sound?: Sound;
}

const PART = 8 * 1024 * 1024;
const PAUSES_MS = [500, 1000, 2000, 4000, 8000, 15000, 30000, 30000, 60000];

let deliveries: readonly Delivery[] = [];
const running = new Map<string, Upload>();
const listeners = new Set<() => void>();

export function useDeliveries(): readonly Delivery[] {
  return useSyncExternalStore(subscribe, () => deliveries);
}

/** Add files to what is to be sent; with a target, all are for it. */
export function add(files: Iterable<File>, known: Partial<Pick<Delivery, "title" | "target" | "fixed">> = {}): void {
  const fresh = [...files].map((file) => ({ ...deliveryOf(file), ...known }));
  const there = new Set(deliveries.map((delivery) => delivery.key));
  const added = fresh.filter((delivery) => !there.has(delivery.key));
  set([...added, ...deliveries]);
  for (const delivery of added) void lookBack(delivery);
}

/** Send a sound track at once. One that is under way already goes on. */
export function sendSound(file: File, sound: Sound): void {
  const key = [keyOf(file), sound.contentId, sound.language, sound.role].join("-");
  const known = find(key);
  if (known && known.phase !== "refused") return void start(key);
  running.delete(key); // what was refused was told other words
  const delivery = { ...deliveryOf(file), key, title: file.name, sound };
  set([delivery, ...deliveries.filter((other) => other.key !== key)]);
  void start(key);
}

/** Go on with an upload that the service keeps. False if it cannot be of this file. */
export function goOn(kept: Kept, file: File): boolean {
  if (file.size !== kept.draft.size) return false;
  const delivery = { ...deliveryOf(file), place: placeOf(kept), before: kept.offset, sent: kept.offset };
  set([delivery, ...deliveries.filter((other) => other.key !== delivery.key)]);
  void start(delivery.key);
  return true;
}

export async function giveUp(kept: Kept): Promise<void> {
  const params = { path: { upload_id: kept.id } };
  await answered(api.DELETE("/api/uploads/{upload_id}", { params, headers: { "Tus-Resumable": "1.0.0" } }));
}

export const placeOf = (kept: Kept) => `/api/uploads/${kept.id}`;

export function describe(key: string, change: Partial<Pick<Delivery, "title" | "priority" | "target" | "replaces" | "publish">>): void {
  patch(key, change);
}

export async function start(key: string): Promise<void> {
  const delivery = find(key);
  if (!delivery || delivery.phase === "sending") return;
  patch(key, { phase: "sending", problem: null });
  try {
    const upload = running.get(key) ?? (await open(delivery));
    running.set(key, upload);
    upload.start();
  } catch (error) {
    patch(key, { phase: "refused", problem: asProblem(error) });
  }
}

export async function pause(key: string): Promise<void> {
  await running.get(key)?.abort();
  patch(key, { phase: "paused" });
}

/** Take it off the list; what was sent is thrown away on the service, too. */
export async function drop(key: string): Promise<void> {
  const upload = running.get(key);
  running.delete(key);
  await upload?.abort(true).catch(() => undefined);
  set(deliveries.filter((delivery) => delivery.key !== key));
}

/** "The_Lost_World-1925.mov" is "The Lost World 1925". */
export function titleOf(fileName: string): string {
  const words = fileName.replace(/\.[^.]+$/, "").replace(/[._-]+/g, " ").trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

async function open(fresh: Delivery): Promise<Upload> {
  if (!fresh.place) await lookBack(fresh);
  const delivery = find(fresh.key) ?? fresh;
  const upload = new Upload(delivery.file, {
    ...(delivery.place ? { uploadUrl: delivery.place } : await begun(delivery)),
    chunkSize: PART,
    retryDelays: PAUSES_MS,
    removeFingerprintOnSuccess: true,
    fingerprint: () => Promise.resolve(`vita-${delivery.key}`),
    onBeforeRequest: authorise,
    onUploadUrlAvailable: () => {
      // With an endpoint, any refusal of a later question begins the upload anew, from 0.
      upload.options.endpoint = null;
      patch(delivery.key, { place: new URL(upload.url ?? "", window.location.href).pathname });
    },
    onShouldRetry: (error) => mayTryAgain(delivery.key, error),
    onProgress: (sent) => patch(delivery.key, { sent, phase: "sending", problem: null }),
    onSuccess: () => received(delivery.key),
    onError: (error) => failed(delivery.key, error),
  });
  return upload;
}

async function begun({ file, title, target, priority, sound, replaces, publish }: Delivery) {
  if (sound) return { endpoint: "/api/uploads", metadata: wordsOf(file, sound) };
  const { titleId, contentId } = target ?? (await newFilm(title));
  const wanted = { title_id: titleId, content_id: contentId, priority, publish, replaces: replaces ? "yes" : "no" };
  return { endpoint: "/api/uploads", metadata: { filename: file.name, ...wanted } };
}

function wordsOf(file: File, sound: Sound) {
  return {
    filename: file.name,
    title_id: sound.titleId,
    content_id: sound.contentId,
    sound_language: sound.language,
    sound_role: sound.role,
    sound_label: sound.label,
    sound_replaces: sound.replaces ? "yes" : "no",
  };
}

/** The partner's title of that name, if there is one. */
export async function titleNamed(name: string): Promise<Title | null> {
  const query = { name, exact: true, limit: 1 };
  const { titles } = await answered(api.GET("/api/studio/titles", { params: { query } }));
  return titles[0] ?? null;
}

async function newFilm(name: string): Promise<Target> {
  const there = await titleNamed(name);
  const { id } = there ?? (await answered(api.POST("/api/studio/titles", { body: { name, locale: "en" } })));
  return { titleId: id, contentId: id };
}

function authorise(request: HttpRequest): void {
  const token = accessToken();
  if (token) request.setHeader("Authorization", `Bearer ${token}`);
  const own = catalogueHeaders("/api/uploads");
  for (const [name, value] of Object.entries(own)) request.setHeader(name, value);
}

function mayTryAgain(key: string, error: DetailedError): boolean {
  const status = error.originalResponse?.getStatus() ?? 0;
  if (status === 401) void refresh();
  const passing = [0, 401, 409, 423, 429, 460].includes(status) || status >= 500;
  if (passing && running.has(key)) patch(key, { phase: "broken" });
  return passing;
}

function failed(key: string, error: Error | DetailedError): void {
  const status = "originalResponse" in error ? error.originalResponse?.getStatus() : undefined;
  if (status === 404 || status === 410) {
    running.delete(key);
    patch(key, { phase: "lost", place: "", sent: 0, before: 0, problem: null });
  } else {
    patch(key, { phase: "refused", problem: problemIn(error) });
  }
}

/** What the service said, where it sent something. */
function problemIn(error: Error | DetailedError): Problem {
  const answer = "originalResponse" in error ? error.originalResponse : null;
  try {
    return problemOf(answer?.getStatus() ?? 0, JSON.parse(answer?.getBody() ?? ""));
  } catch {
    return asProblem(error); // no body, or not one of ours: the message has to do
  }
}

function received(key: string): void {
  running.delete(key);
  const delivery = find(key);
  patch(key, { phase: "received", sent: delivery?.file.size ?? 0 });
  window.setTimeout(() => set(deliveries.filter((other) => other.key !== key)), 4000);
}

/** Does the service hold a part of this file already? Then say so before it is sent. */
async function lookBack(delivery: Delivery): Promise<void> {
  const probe = new Upload(delivery.file, {
    fingerprint: () => Promise.resolve(`vita-${delivery.key}`),
  });
  const [previous] = await probe.findPreviousUploads();
  if (!previous?.uploadUrl) return;
  const place = new URL(previous.uploadUrl, window.location.href).pathname;
  const kept = (await unfinished().catch(() => [])).find((one) => placeOf(one) === place);
  if (kept) patch(delivery.key, { place, before: kept.offset, sent: kept.offset });
}

function deliveryOf(file: File): Delivery {
  return {
    key: keyOf(file),
    file,
    title: titleOf(file.name),
    target: null,
    fixed: false,
    replaces: false,
    publish: "ready",
    priority: "normal",
    phase: "ready",
    sent: 0,
    before: 0,
    problem: null,
    place: "",
  };
}

function keyOf(file: File): string {
  return [file.name, file.size, file.lastModified].join("-");
}

const find = (key: string) => deliveries.find((delivery) => delivery.key === key);

function patch(key: string, change: Partial<Delivery>): void {
  set(deliveries.map((delivery) => (delivery.key === key ? { ...delivery, ...change } : delivery)));
}

function set(next: readonly Delivery[]): void {
  deliveries = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
