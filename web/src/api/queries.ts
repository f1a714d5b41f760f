/** What the pages read and change, and how long an answer stays good. */

import {
  QueryClient,
  queryOptions,
  infiniteQueryOptions,
  keepPreviousData,
  useMutation,
  useQueryClient,
} from "@tanstack/react-query";

import { answered, api } from "./client";
import { Problem } from "./problem";
import type { Sort, Thumb, TitleKind, TitleView } from "./types";

const MINUTE = 60_000;

/** How long until an answer with something missing is asked for again: 2 s at first, 30 s at last. */
export const askAgainMs = (times: number): number => Math.min(30_000, 2000 * 2 ** Math.max(0, times - 1));

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: MINUTE,
      retry: (failures, error) => failures < 2 && error instanceof Problem && error.passing && !error.offline,
      // Without a connection the one answer is that there is none; with one again, all are asked anew.
      networkMode: "always",
      refetchOnReconnect: true,
      refetchOnWindowFocus: false,
    },
  },
});

export const homeQuery = infiniteQueryOptions({
  queryKey: ["home"],
  queryFn: ({ pageParam, signal }) =>
    answered(api.GET("/api/homepage", { params: { query: { page_token: pageParam, device_type: "web" } }, signal })),
  initialPageParam: null as string | null,
  getNextPageParam: (page) => page.next_page_token,
  refetchInterval: (query) =>
    query.state.data?.pages.some((page) => page.degraded.length > 0) ? askAgainMs(query.state.dataUpdateCount) : false,
});

export const rowQuery = (token: string, signal?: AbortSignal) =>
  answered(api.GET("/api/homepage/row", { params: { query: { page_token: token } }, ...(signal ? { signal } : {}) }));

export const titleQuery = (id: string) =>
  queryOptions({
    queryKey: ["title", id],
    queryFn: ({ signal }) => answered(api.GET("/api/titles/{title_id}", { params: { path: { title_id: id } }, signal })),
  });

export const searchQuery = (text: string) =>
  queryOptions({
    queryKey: ["search", text],
    queryFn: ({ signal }) => answered(api.GET("/api/search", { params: { query: { q: text } }, signal })),
    enabled: text.length > 0,
    placeholderData: keepPreviousData,
    // A slow answer is not kept for the next time, and is asked for again as long as it is on the screen.
    refetchInterval: (query) => (query.state.data?.degraded.length ? askAgainMs(query.state.dataUpdateCount) : false),
    staleTime: (query) => (query.state.data?.degraded.length ? 0 : MINUTE),
  });

export const myListQuery = queryOptions({
  queryKey: ["my-list"],
  queryFn: ({ signal }) => answered(api.GET("/api/my-list", { signal })),
});

export const genresQuery = queryOptions({
  queryKey: ["genres"],
  queryFn: ({ signal }) => answered(api.GET("/api/genres", { signal })),
  staleTime: 10 * MINUTE,
});

export const browseQuery = (genre: string, kind: TitleKind | "", sort: Sort) =>
  infiniteQueryOptions({
    queryKey: ["browse", genre, kind, sort],
    queryFn: ({ pageParam, signal }) =>
      answered(api.GET("/api/catalog", { params: { query: { genre: genre || null, kind: kind || null, sort, page_token: pageParam } }, signal })),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_page_token,
  });

export const historyQuery = infiniteQueryOptions({
  queryKey: ["history"],
  queryFn: ({ pageParam, signal }) =>
    answered(api.GET("/api/history", { params: { query: { page_token: pageParam } }, signal })),
  initialPageParam: null as string | null,
  getNextPageParam: (page) => page.next_page_token,
});

export const profilesQuery = queryOptions({
  queryKey: ["profiles"],
  queryFn: ({ signal }) => answered(api.GET("/api/profiles", { signal })),
});

export const devicesQuery = queryOptions({
  queryKey: ["devices"],
  queryFn: ({ signal }) => answered(api.GET("/api/devices", { signal })),
});

export const plansQuery = queryOptions({
  queryKey: ["plans"],
  queryFn: ({ signal }) => answered(api.GET("/api/plans", { signal })),
  staleTime: 10 * MINUTE,
});

export const subscriptionQuery = queryOptions({
  queryKey: ["subscription"],
  queryFn: ({ signal }) => answered(api.GET("/api/subscription", { signal })),
});

export const streamsQuery = queryOptions({
  queryKey: ["streams"],
  queryFn: ({ signal }) => answered(api.GET("/api/streams", { signal })),
  staleTime: 0,
  gcTime: 0,
});

/** A change of my list shows at once and is taken back if the service refuses it. */
export function useListChange(titleId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (add: boolean) => {
      const params = { path: { title_id: titleId } };
      return answered(add ? api.PUT("/api/my-list/{title_id}", { params }) : api.DELETE("/api/my-list/{title_id}", { params }));
    },
    onMutate: (add) => patchTitle(client, titleId, { in_list: add }),
    onError: (_error, add) => patchTitle(client, titleId, { in_list: !add }),
    onSettled: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: ["my-list"] }),
        client.invalidateQueries({ queryKey: ["home"] }),
      ]),
  });
}

export function useThumbChange(titleId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (thumb: Thumb | null) => 
      answered(api.PUT("/api/thumbs/{title_id}", { params: { path: { title_id: titleId } }, body: { thumb } })),
    onMutate: (thumb) => patchTitle(client, titleId, { thumb }),
    onError: () => client.invalidateQueries({ queryKey: ["title", titleId] }),
  });
}

export function useForget() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (titleId: string) => 
      answered(api.DELETE("/api/history/{title_id}", { params: { path: { title_id: titleId } } })),
    onSettled: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: ["history"] }),
        client.invalidateQueries({ queryKey: ["home"] }),
        client.invalidateQueries({ queryKey: ["title"] }),
      ]),
  });
}

function patchTitle(client: QueryClient, id: string, change: Partial<TitleView>): void {
  client.setQueryData<TitleView>(["title", id], (before) => (before ? { ...before, ...change } : before));
}
