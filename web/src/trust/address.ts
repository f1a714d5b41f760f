/** Where this service answers over TLS, and what a device must know to trust it there. */

import { useQuery } from "@tanstack/react-query";

import { anonymous, answered, api } from "../api/client";

export function useTrust() {
  return useQuery({ queryKey: ["trust"], queryFn: () => answered(api.GET("/api/trust", { ...anonymous })), staleTime: Infinity });
}

/** This page's host at another port; `path` as it is here. */
export function addressAt(scheme: "http" | "https", port: number, path = "/"): string {
  return new URL(path, `${scheme}://${window.location.hostname}:${port}`).href;
}
