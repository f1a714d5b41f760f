/**
 * Uploads under way, outside of React so that they go on while one looks at another page. The
 * protocol is tus 1.0; the addresses of unfinished ones are kept by the browser, so that the same
 * file chosen again after a reload goes on where it stopped.
 */

import { useSyncExternalStore } from "react";
import { Upload, type DetailedError, type HttpRequest } from "tus-js-client";

import { call, get, refresh } from "../api/client";
import { accessToken } from "../api/session";
import type { StudioTitle } from "./types";

export type Priority = "new-release" | "normal" | "back-catalog";
export type Phase = "ready" | "sending" | "paused" | "broken" | "refused" | "received";

export interface Delivery {
  readonly key: string;
  readonly file: File;
  readonly title: string;
  readonly priority: Priority;
  readonly phase: Phase;
  readonly sent: number;
  /** Bytes that the service had before this page began. */
  readonly before: number;
  readonly problem: string;
}

const PART = 8 * 1024 * 1024;
const PAUSES_MS = [500, 1000, 2000, 4000, 8000, 15000, 30000, 30000, 60000];

let deliveries: readonly Delivery[] = [];
const running = new Map<string, Upload>();
const listeners = new Set<() => void>();

export function useDeliveries(): readonly Delivery[] {
  return useSyncExternalStore(subscribe, () => deliveries);
}

export function add(files: Iterable<File>): void {
  const fresh = [...files].map((file) => ({
    key: keyOf(file),
    file,
    title: titleOf(file.name),
    priority: "normal" as Priority,
    phase: "ready" as Phase,
    sent: 0,
    before: 0,
    problem: "",
  }));
  const known = new Set(deliveries.map((delivery) => delivery.key));
  const added = fresh.filter((delivery) => !known.has(delivery.key));
  set([...added, ...deliveries]);
  for (const delivery of added) void lookBack(delivery);
}

export function describe(key: string, change: Partial<Pick<Delivery, "title" | "priority">>): void {
  patch(key, change);
}

export async function start(key: string): Promise<void> {
  const delivery = find(key);
  if (!delivery || delivery.phase === "sending") return;
  patch(key, { phase: "sending", problem: "" });
  try {
    const upload = running.get(key) ?? (await open(delivery));
    running.set(key, upload);
    upload.start();
  } catch (error) {
    patch(key, { phase: "refused", problem: error instanceof Error ? error.message : String(error) });
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
  set(deliveries.filter((delivery) => delivery.key !== key));
  await upload?.abort(true).catch(() => undefined);
}

/** "The_Lost_World-1925.mov" is "The Lost World 1925". */
export function titleOf(fileName: string): string {
  const words = fileName.replace(/\.[^.]+$/, "").replace(/[._-]+/g, " ").trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

async function open(delivery: Delivery): Promise<Upload> {
  const title = await titleNamed(delivery.title);
  const upload = new Upload(delivery.file, {
    endpoint: "/api/uploads",
    chunkSize: PART,
    retryDelays: PAUSES_MS,
    removeFingerprintOnSuccess: true,
    metadata: {
      filename: delivery.file.name,
      title_id: title.id,
      content_id: title.id,
      priority: delivery.priority,
    },
    fingerprint: () => Promise.resolve(`vita-${delivery.key}`),
    onBeforeRequest: authorise,
    onShouldRetry: (error) => mayTryAgain(delivery.key, error),
    onProgress: (sent) => patch(delivery.key, { sent, phase: "sending", problem: "" }),
    onSuccess: () => received(delivery.key),
    onError: (error) => patch(delivery.key, { phase: "refused", problem: sentenceOf(error) }),
  });
  const [previous] = await upload.findPreviousUploads();
  if (previous) upload.resumeFromPreviousUpload(previous);
  return upload;
}

async function titleNamed(name: string): Promise<StudioTitle> {
  const titles = await get<StudioTitle[]>("/api/studio/titles");
  const known = titles.find((title) => title.wordings.some((wording) => wording.name === name));
  return known ?? call<StudioTitle>("POST", "/api/studio/titles", { body: { name } });
}

function authorise(request: HttpRequest): void {
  const token = accessToken();
  if (token) request.setHeader("Authorization", `Bearer ${token}`);
}

function mayTryAgain(key: string, error: DetailedError): boolean {
  const status = error.originalResponse?.getStatus() ?? 0;
  if (status === 401) void refresh();
  const passing = [0, 401, 409, 423, 429, 460].includes(status) || status >= 500;
  if (passing) patch(key, { phase: "broken" });
  return passing;
}

/** The service's own sentence, where it sent one. */
function sentenceOf(error: Error | DetailedError): string {
  const body = "originalResponse" in error ? error.originalResponse?.getBody() : undefined;
  try {
    const problem = JSON.parse(body ?? "") as { detail?: string };
    if (problem.detail) return problem.detail;
  } catch {
    // No body, or not one of ours: the message has to do.
  }
  return error.message;
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
    endpoint: "/api/uploads",
    fingerprint: () => Promise.resolve(`vita-${delivery.key}`),
  });
  const [previous] = await probe.findPreviousUploads();
  if (!previous?.uploadUrl) return;
  const token = accessToken();
  const answer = await fetch(previous.uploadUrl, {
    method: "HEAD",
    headers: { "Tus-Resumable": "1.0.0", ...(token ? { Authorization: `Bearer ${token}` } : {}) },
  }).catch(() => null);
  const offset = Number(answer?.headers.get("Upload-Offset") ?? 0);
  if (answer?.ok && offset > 0) patch(delivery.key, { before: offset, sent: offset });
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
