/** The pages and their addresses. Everything but the home page is fetched when it is asked for. */

import { QueryClientProvider } from "@tanstack/react-query";
import type { ComponentType } from "react";
import { createBrowserRouter, Navigate, type RouteObject } from "react-router";
import { RouterProvider } from "react-router/dom";

import { queryClient } from "./api/queries";
import { followOtherTabs } from "./api/session";
import { Home } from "./browse/Home";
import { NeedsAccount, NeedsProfile, NotForKids, Visitors } from "./gate";
import { Splash, Stumble } from "./components/Notice";
import { Remote } from "./remote";
import { Shell } from "./shell";

const page = (load: () => Promise<{ default: ComponentType }>) => async () => ({
  Component: (await load()).default,
});

const viewerPages: RouteObject[] = [
  { index: true, Component: Home },
  { path: "title/:titleId", lazy: page(() => import("./browse/TitlePage")) },
  { path: "search", lazy: page(() => import("./browse/Search")) },
  { path: "my-list", lazy: page(() => import("./browse/MyList")) },
  { path: "browse/:genre?", lazy: page(() => import("./browse/Browse")) },
  { path: "history", lazy: page(() => import("./browse/History")) },
  { Component: NotForKids, children: [{ path: "account", lazy: page(() => import("./account/Account")) }] },
  { path: "*", lazy: page(() => import("./browse/NoSuchPage")) },
];

const router = createBrowserRouter([
  {
    Component: Remote,
    ErrorBoundary: Stumble,
    HydrateFallback: Splash,
    children: [
      {
        Component: Visitors,
        children: [
          { path: "sign-in", lazy: page(() => import("./account/SignIn")) },
          { path: "sign-up", lazy: page(() => import("./account/SignUp")) },
          { path: "reset", lazy: page(() => import("./account/Reset")) },
        ],
      },
      {
        Component: NeedsAccount,
        children: [
          { path: "who", lazy: page(() => import("./account/Who")) },
          { path: "studio/*", lazy: page(() => import("./studio/Studio")) },
          { path: "operator/*", lazy: page(() => import("./operator/Operator")) },
          {
            Component: NeedsProfile,
            children: [
              { path: "watch/:contentId", lazy: page(() => import("./watch/Watch")) },
              { Component: Shell, children: viewerPages },
            ],
          },
        ],
      },
      { path: "enter", lazy: page(() => import("./account/Enter")) },
      { path: "quality/:name", lazy: page(() => import("./quality/Quality")) },
      { path: "trust", lazy: page(() => import("./trust/Trust")) },
      { path: "index.html", element: <Navigate to="/" replace /> },
    ],
  },
]);

followOtherTabs(() => queryClient.clear());

export function App() {
  return (
    <QueryClientProvider client={queryClient}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  );
}
