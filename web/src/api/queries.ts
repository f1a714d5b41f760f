/** What the pages read and change, and how long an answer stays good. */

import {
  QueryClient,
  queryOptions,
  infiniteQueryOptions,
  keepPreviousData,
  useMutation,
  useQueryClient,
} from "@tanstack/react-query";

import { call, get } from "./client";
import { Problem } from "./problem";
import type {
  CardPage,
  Device,
  Genre,
  HistoryView,
  Home,
  HomeRow,
  MyListView,
  Plan,
  Profile,
  SearchView,
  Stream,
  Subscription,
  Thumb,

  TitleView,
} from "./types";

const MINUTE = 60_000;

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: MINUTE,
      retry: (failures, error) => failures < 2 && error instanceof Problem && error.passing,
      refetchOnWindowFocus: false,
    },
  },
});

const query = (parts: Record<string, string | null | undefined>): string => {
  const used = Object.entries(parts).filter((entry): entry is [string, string] => !!entry[1]);
  return used.length ? `?${new URLSearchParams(used)}` : "";
};

export const homeQuery = infiniteQueryOptions({
  queryKey: ["home"],
  queryFn: ({ pageParam, signal }) =>
    get<Home>(`/api/homepage${query({ page_token: pageParam, device_type: "web" })}`, signal),
  initialPageParam: null as string | null,
  getNextPageParam: (page: Home) => page.next_page_token,
});

export const rowQuery = (token: string, signal?: AbortSignal) =>
  get<HomeRow>(`/api/homepage/row${query({ page_token: token })}`, signal);

export const titleQuery = (id: string) =>
  queryOptions({
    queryKey: ["title", id],
    queryFn: ({ signal }) => get<TitleView>(`/api/titles/${encodeURIComponent(id)}`, signal),
  });

export const searchQuery = (text: string) =>
  queryOptions({
    queryKey: ["search", text],
    queryFn: ({ signal }) => get<SearchView>(`/api/search${query({ q: text })}`, signal),
    enabled: text.length > 0,
    placeholderData: keepPreviousData,
  });

export const myListQuery = queryOptions({
  queryKey: ["my-list"],
  queryFn: ({ signal }) => get<MyListView>("/api/my-list", signal),
});

export const genresQuery = queryOptions({
  queryKey: ["genres"],
  queryFn: ({ signal }) => get<Genre[]>("/api/genres", signal),
  staleTime: 10 * MINUTE,
});

export const browseQuery = (genre: string, kind: string, sort: string) =>
  infiniteQueryOptions({
    queryKey: ["browse", genre, kind, sort],
    queryFn: ({ pageParam, signal }) =>
      get<CardPage>(`/api/catalog${query({ genre, kind, sort, page_token: pageParam })}`, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page: CardPage) => page.next_page_token,
  });

export const historyQuery = infiniteQueryOptions({
  queryKey: ["history"],
  queryFn: ({ pageParam, signal }) =>
    get<HistoryView>(`/api/history${query({ page_token: pageParam })}`, signal),
  initialPageParam: null as string | null,
  getNextPageParam: (page: HistoryView) => page.next_page_token,
});

export const profilesQuery = queryOptions({
  queryKey: ["profiles"],
  queryFn: ({ signal }) => get<Profile[]>("/api/profiles", signal),
});

export const devicesQuery = queryOptions({
  queryKey: ["devices"],
  queryFn: ({ signal }) => get<Device[]>("/api/devices", signal),
});

export const plansQuery = queryOptions({
  queryKey: ["plans"],
  queryFn: ({ signal }) => get<Plan[]>("/api/plans", signal),
  staleTime: 10 * MINUTE,
});

export const subscriptionQuery = queryOptions({
  queryKey: ["subscription"],
  queryFn: ({ signal }) => get<Subscription>("/api/subscription", signal),
});

export const streamsQuery = queryOptions({
  queryKey: ["streams"],
  queryFn: ({ signal }) => get<Stream[]>("/api/streams", signal),
  staleTime: 0,
  gcTime: 0,
});

/** A change of my list shows at once and is taken back if the service refuses it. */
export function useListChange(titleId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (add: boolean) => call<void>(add ? "PUT" : "DELETE", `/api/my-list/${titleId}`),
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
    mutationFn: (thumb: Thumb | null) => call<void>("PUT", `/api/thumbs/${titleId}`, { body: { thumb } }),
    onMutate: (thumb) => patchTitle(client, titleId, { thumb }),
    onError: () => client.invalidateQueries({ queryKey: ["title", titleId] }),
  });
}

export function useForget() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (titleId: string) => call<void>("DELETE", `/api/history/${titleId}`),
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
