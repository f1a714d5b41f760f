/**
 * Jobs as they change: one listing, then server-sent events from where it ended. Over fetch rather
 * than EventSource, because the request carries the access token in a header.
 */

import {
  keepPreviousData,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
  type InfiniteData,
  type QueryClient,
} from "@tanstack/react-query";
import { createParser } from "eventsource-parser";
import { useEffect, useState } from "react";

import { catalogueHeaders } from "../api/catalogue";
import { answered, api, asFile, refresh } from "../api/client";
import { Problem } from "../api/problem";
import { accessToken } from "../api/session";
import type { Job, JobFilter, JobPage, JobReport, JobState, LiveVersion, SubtitleKind, Title, TitleState, Upload } from "../api/types";

const JOBS = ["studio", "jobs"];
const LONGEST_PAUSE_MS = 15_000;
const PAGE = 40;
const JOBS_PAGE = 20;
const MOST_IDS = 100; // that the service takes in one question
const NO_TITLES: ReadonlyMap<string, Title> = new Map();
const KEPT_EVERY_MS = 3000;

export const ENDED: ReadonlySet<JobState> = new Set(["live", "rejected", "failed", "cancelled"]);

/** What waits for somebody, or for a date. */
export const RESTING: ReadonlySet<JobState> = new Set(["ready", "needs-review"]);

/** The newest jobs, of all titles or of one film or episode. */
export function useJobs(contentId?: string) {
  return useQuery({
    queryKey: contentId ? [...JOBS, "of", contentId] : [...JOBS, "newest"],
    queryFn: async ({ signal }) => {
      const query = { limit: MOST_IDS, ...(contentId ? { content_id: contentId } : {}) };
      return (await answered(api.GET("/api/studio/jobs", { params: { query }, signal }))).jobs;
    },
  });
}

/** One job, wherever it stands in the list. */
export function useJob(id: string) {
  return useQuery({
    queryKey: [...JOBS, "one", id],
    queryFn: () => answered(api.GET("/api/studio/jobs/{job_id}", { params: { path: { job_id: id } } })),
    enabled: !!id,
  });
}

/** Deliveries, newest first, a page at a time. */
export function useJobPages(filter: JobFilter, text: string) {
  return useInfiniteQuery({
    queryKey: [...JOBS, "pages", filter, text],
    queryFn: ({ pageParam, signal }) => {
      const query = { filter, text, page_token: pageParam, limit: JOBS_PAGE };
      return answered(api.GET("/api/studio/jobs", { params: { query }, signal }));
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_page_token,
    placeholderData: keepPreviousData,
  });
}

export function useQuota() {
  return useQuery({ queryKey: ["studio", "quota"], queryFn: () => answered(api.GET("/api/studio/quota")) });
}

/** The titles whose name has `name` in it, of one state or of all, newest first, a page at a time. */
export function useTitles(name: string, state: TitleState | null, limit = PAGE) {
  return useInfiniteQuery({
    queryKey: ["studio", "titles", "pages", name, state, limit],
    queryFn: ({ pageParam, signal }) => {
      const query = { name, state, limit, page_token: pageParam };
      return answered(api.GET("/api/studio/titles", { params: { query }, signal }));
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_page_token,
    placeholderData: keepPreviousData,
  });
}

/** Titles by id. */
export function useTitlesById(ids: readonly string[]): ReadonlyMap<string, Title> {
  const asked = [...new Set(ids)].toSorted();
  const found = useQuery({
    queryKey: ["studio", "titles", "by id", ...asked],
    queryFn: async () => new Map((await Promise.all(parts(asked, MOST_IDS).map(titlesById))).flat()),
    enabled: asked.length > 0,
    placeholderData: keepPreviousData,
  });
  return found.data ?? NO_TITLES;
}

async function titlesById(ids: string[]): Promise<[string, Title][]> {
  const query = { title_id: ids, limit: MOST_IDS };
  const { titles } = await answered(api.GET("/api/studio/titles", { params: { query } }));
  return titles.map((title) => [title.id, title]);
}

function parts<T>(all: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, n) => all.slice(n * size, (n + 1) * size));
}

/** What the service keeps of unfinished uploads; asked anew when what `here` names has changed. */
export function useUnfinished(here: readonly string[]) {
  return useQuery({
    queryKey: ["studio", "uploads", ...here],
    queryFn: unfinished,
    staleTime: 0,
    refetchInterval: (query) => (query.state.data?.length ? KEPT_EVERY_MS : false),
    placeholderData: (before: Upload[] | undefined) => before,
  });
}

export const unfinished = () => 
  answered(api.GET("/api/studio/uploads", { params: { query: { state: "uploading" } } }));

export function useTitle(id: string) {
  return useQuery({
    queryKey: ["studio", "titles", id],
    queryFn: () => answered(api.GET("/api/studio/titles/{title_id}", { params: { path: { title_id: id } } })),
    enabled: !!id,
  });
}

export function useKnownGenres() {
  return useQuery({
    queryKey: ["studio", "genres"],
    queryFn: () => answered(api.GET("/api/studio/genres")),
    staleTime: Infinity,
  });
}

const SUBTITLES = "/api/studio/titles/{title_id}/contents/{content_id}/subtitles/{language}";
const subtitlesKey = (titleId: string, contentId: string) => ["studio", "subtitles", titleId, contentId];

export function useSubtitles(titleId: string, contentId: string) {
  return useQuery({
    queryKey: subtitlesKey(titleId, contentId),
    queryFn: () => 
      answered(
        api.GET("/api/studio/titles/{title_id}/contents/{content_id}/subtitles", {
          params: { path: { title_id: titleId, content_id: contentId } },
        }),
      ),
  });
}

/** Give a file in one language, or, without one, take that language away. */
export function useSubtitleChange(titleId: string, contentId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ language, kind, file, movedMs }: { language: string; kind: SubtitleKind; file?: File; movedMs?: number }) => {
      const path = { title_id: titleId, content_id: contentId, language };
      if (movedMs !== undefined) return answered(api.PATCH(SUBTITLES, { params: { path, query: { kind, moved_ms: movedMs } } }));
      if (!file) return answered(api.DELETE(SUBTITLES, { params: { path, query: { kind } } }));
      const query = { file_name: file.name, kind };
      return answered(api.PUT(SUBTITLES, { params: { path, query }, ...asFile(file) }));
    },
    onSuccess: (kept) => client.setQueryData(subtitlesKey(titleId, contentId), kept),
  });
}

const CONTENT = "/api/studio/titles/{title_id}/contents/{content_id}";

/** What viewers get now; null where nothing is published. Asked anew when a job has gone live. */
export function useLiveVersion(titleId: string, contentId: string) {
  return useQuery({
    queryKey: ["studio", "titles", titleId, "live", contentId],
    queryFn: async (): Promise<LiveVersion | null> => {
      try {
        const path = { title_id: titleId, content_id: contentId };
        return await answered(api.GET(`${CONTENT}/live`, { params: { path } }));
      } catch (error) {
        if (error instanceof Problem && error.code === "nothing-published") return null;
        throw error;
      }
    },
  });
}

/** Stills of a film or episode, to choose pictures from; the best first. */
export function useStills(titleId: string, contentId: string) {
  return useQuery({
    queryKey: ["studio", "titles", titleId, "stills", contentId],
    queryFn: () => answered(api.GET(`${CONTENT}/stills`, { params: { path: { title_id: titleId, content_id: contentId } } })),
    enabled: !!contentId,
  });
}

/** What is to be different; what is not named stays as it is. */
export interface Republish {
  without_audio?: string[];
  scheme?: LiveVersion["scheme"] | null;
  new_keys?: boolean;
  formats?: LiveVersion["offers"][number]["codec"][];
}

/** Publish what is live again, with a change. */
export function useRepublish(titleId: string, contentId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ without_audio = [], scheme = null, new_keys = false, formats = [] }: Republish) => {
      const path = { title_id: titleId, content_id: contentId };
      const body = { without_audio, scheme, new_keys, formats };
      return answered(api.POST(`${CONTENT}/republish`, { params: { path }, body }));
    },
    onSuccess: (job) => rememberJob(client, job),
  });
}

/** Show a job as it is now, sooner than the live updates tell of it. */
export function rememberJob(client: QueryClient, job: Job): void {
  client.setQueryData<Job>([...JOBS, "one", job.id], (before) => (before && before.change >= job.change ? before : job));
  client.setQueryData<Job[]>([...JOBS, "newest"], (before) => before && mergeJob(before, job));
  client.setQueryData<Job[]>([...JOBS, "of", job.content_id], (before) => before && mergeJob(before, job));
  client.setQueriesData<InfiniteData<JobPage>>({ queryKey: [...JOBS, "pages"] }, (before) =>
    before && {
      ...before,
      pages: before.pages.map((page) => ({
        ...page,
        jobs: page.jobs.map((other) => (other.id === job.id && other.change < job.change ? job : other)),
      })),
    },
  );
}

/** How the first version will be protected. */
export function useFirstProtection(titleId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (protection: LiveVersion["scheme"]) =>
      answered(api.PUT("/api/studio/titles/{title_id}", { params: { path: { title_id: titleId } }, body: { protection, locale: "en" } })),
    onSuccess: () => client.invalidateQueries({ queryKey: ["studio", "titles"] }),
  });
}

export function useReport(job: Job | undefined) {
  return useQuery({
    // A new change of the job may have brought new figures; the old ones stay until they are here.
    queryKey: ["studio", "report", job?.id, job?.state, job?.playable],
    queryFn: () => answered(api.GET("/api/studio/jobs/{job_id}/report", { params: { path: { job_id: job?.id ?? "" } } })),
    enabled: !!job,
    placeholderData: (before: JobReport | undefined) => before,
  });
}

/** Keep the listing live while a component is shown; true while the stream is open. */
export function useLiveJobs(): boolean {
  const client = useQueryClient();
  const [open, setOpen] = useState(false);
  useEffect(() => {
    const leaving = new AbortController();
    void follow(client, leaving.signal, setOpen);
    return () => leaving.abort();
  }, [client]);
  return open;
}

async function follow(client: QueryClient, signal: AbortSignal, tell: (open: boolean) => void) {
  let pause = 500;
  while (!signal.aborted) {
    try {
      const answer = await fetch(`/api/studio/events?since=${newest(client)}`, {
        signal,
        headers: {
          Accept: "text/event-stream",
          Authorization: `Bearer ${accessToken() ?? ""}`,
          ...catalogueHeaders("/api/studio/events"),
        },
      });
      if (answer.status === 401) await refresh();
      if (answer.ok && answer.body) {
        tell(true);
        pause = 500;
        await read(answer.body, client);
      }
    } catch {
      if (signal.aborted) return;
    }
    tell(false);
    await new Promise((wake) => window.setTimeout(wake, pause));
    pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
  }
}

async function read(body: ReadableStream<Uint8Array>, client: QueryClient): Promise<void> {
  const parser = createParser({
    onEvent: (event) => {
      if (event.event === "job") merge(client, JSON.parse(event.data) as Job);
    },
  });
  const reader = body.getReader();
  const decoder = new TextDecoder();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    parser.feed(decoder.decode(value, { stream: true }));
  }
}

function merge(client: QueryClient, job: Job): void {
  const before = client.getQueryData<Job[]>([...JOBS, "newest"])?.find((other) => other.id === job.id);
  rememberJob(client, job);
  if (before?.state === job.state) return;
  if (!before) void client.invalidateQueries({ queryKey: ["studio", "quota"] });
  void client.invalidateQueries({ queryKey: [...JOBS, "pages"] }); // it may be in another list now
  if (!before || job.state === "live" || job.state === "ready") void client.invalidateQueries({ queryKey: ["studio", "titles"] });
}

/** A job in its place, newest first; an older state of it never replaces a newer one. */
export function mergeJob(jobs: Job[], job: Job): Job[] {
  const known = jobs.find((other) => other.id === job.id);
  if (!known) return [job, ...jobs];
  if (known.change >= job.change) return jobs;
  return jobs.map((other) => (other.id === job.id ? job : other));
}

function newest(client: QueryClient): number {
  return Math.max(0, ...(client.getQueryData<Job[]>([...JOBS, "newest"]) ?? []).map((job) => job.change));
}
