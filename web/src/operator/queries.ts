/** What the operator's pages read. They ask again while they are looked at, less often in trouble. */

import { infiniteQueryOptions, keepPreviousData, queryOptions, type Query } from "@tanstack/react-query";

import { answered, api } from "../api/client";
import type { JobFilter, Role } from "../api/types";

const SECOND = 1000;

/** A hidden tab asks nothing, and a service that stumbles is asked four times less often. */
const every = (seconds: number) => ({
  refetchInterval: (query: Pick<Query, "state">) => seconds * SECOND * (query.state.status === "error" ? 4 : 1),
  refetchOnWindowFocus: true,
  staleTime: seconds * SECOND,
  retry: false,
});

export const overviewQuery = queryOptions({
  queryKey: ["operator", "overview"],
  queryFn: ({ signal }) => answered(api.GET("/api/console/overview", { signal })),
  ...every(10),
});

export const queueQuery = queryOptions({
  queryKey: ["operator", "queue"],
  queryFn: ({ signal }) => answered(api.GET("/api/console/queue", { signal })),
  ...every(5),
});

export const edgesQuery = infiniteQueryOptions({
  queryKey: ["operator", "edges"],
  queryFn: ({ pageParam, signal }) =>
    answered(api.GET("/api/console/edges", { params: { query: { after: pageParam, limit: 50 } }, signal })),
  initialPageParam: null as string | null,
  getNextPageParam: (page) => (page.more ? page.edges.at(-1)?.report.edge_id : null),
  ...every(5),
});

export const playingQuery = infiniteQueryOptions({
  queryKey: ["operator", "playing"],
  queryFn: ({ pageParam, signal }) =>
    answered(api.GET("/api/console/streams", { params: { query: { page_token: pageParam } }, signal })),
  initialPageParam: null as string | null,
  getNextPageParam: (page) => page.next_page_token,
  ...every(10),
});

export const jobsQuery = (filter: JobFilter) =>
  infiniteQueryOptions({
    queryKey: ["operator", "jobs", filter],
    queryFn: ({ pageParam, signal }) =>
      answered(api.GET("/api/console/jobs", { params: { query: { filter, page_token: pageParam, limit: 20 } }, signal })),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_page_token,
    placeholderData: keepPreviousData,
    ...every(5),
  });

export const jobQuery = (id: string) =>
  queryOptions({
    queryKey: ["operator", "jobs", "one", id],
    queryFn: ({ signal }) => answered(api.GET("/api/console/jobs/{job_id}", { params: { path: { job_id: id } }, signal })),
    ...every(5),
  });

/** Asked anew when the job is in another `state`. */
export const reportQuery = (id: string, state: string) =>
  queryOptions({
    queryKey: ["operator", "reports", id, state],
    queryFn: ({ signal }) => answered(api.GET("/api/console/jobs/{job_id}/report", { params: { path: { job_id: id } }, signal })),
    enabled: !!state,
    placeholderData: keepPreviousData,
  });

export const titleNamesQuery = (ids: string[]) =>
  queryOptions({
    queryKey: ["operator", "titles", ids],
    queryFn: ({ signal }) =>
      answered(api.GET("/api/studio/titles", { params: { query: { title_id: ids, limit: 100 } }, signal })),
    enabled: ids.length > 0,
    placeholderData: keepPreviousData,
  });

export const accountsQuery = (text: string, role: Role | "", suspended: boolean) =>
  infiniteQueryOptions({
    queryKey: ["operator", "accounts", text, role, suspended],
    queryFn: ({ pageParam, signal }) =>
      answered(
        api.GET("/api/console/accounts", {
          params: { query: { text, role: role || null, suspended: suspended || null, page_token: pageParam, limit: 30 } },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_page_token,
    placeholderData: keepPreviousData,
  });

export const plansOfQuery = (ids: string[]) =>
  queryOptions({
    queryKey: ["operator", "plans", ids],
    queryFn: ({ signal }) =>
      answered(api.GET("/api/console/subscriptions", { params: { query: { account_id: ids } }, signal })),
    enabled: ids.length > 0,
    placeholderData: keepPreviousData,
  });

export const errorsQuery = queryOptions({
  queryKey: ["operator", "errors"],
  queryFn: ({ signal }) => answered(api.GET("/api/console/errors", { params: { query: { limit: 100 } }, signal })),
  ...every(10),
});

export const deadEventsQuery = queryOptions({
  queryKey: ["operator", "dead"],
  queryFn: ({ signal }) => answered(api.GET("/api/console/events/dead", { params: { query: { limit: 100 } }, signal })),
  ...every(15),
});

export const settingsQuery = queryOptions({
  queryKey: ["operator", "settings"],
  queryFn: ({ signal }) => answered(api.GET("/api/console/settings", { signal })),
});
