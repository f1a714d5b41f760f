/** Who may go where: a reload first asks for a token, and deep links wait for the sign-in. */

import { useEffect, useState } from "react";
import { Navigate, Outlet, useLocation, useSearchParams } from "react-router";

import { refresh } from "./api/client";
import { asProblem, type Problem } from "./api/problem";
import { useSession } from "./api/session";
import type { Role } from "./api/types";
import { Splash, Trouble } from "./components/Notice";
import { useLanguage } from "./words";

/** Where one begins who did not ask for a page. */
export const HOMES: Record<Role, string> = { viewer: "/", partner: "/studio", operator: "/operator" };

/** Only addresses of our own: a sign-in never leads to another site. */
export function safeTarget(to: string | null): string {
  return to && /^\/(?![/\\])/.test(to) ? to : "/";
}

function useStart(): Problem | null | undefined {
  const session = useSession();
  const [trouble, setTrouble] = useState<Problem | null>(null);
  const unknown = session.state === "unknown";
  useEffect(() => {
    if (unknown) refresh().catch((error: unknown) => setTrouble(asProblem(error)));
  }, [unknown]);
  return unknown ? trouble : undefined;
}

export function Visitors() {
  const trouble = useStart();
  const session = useSession();
  const [search] = useSearchParams();
  useDocumentLanguage();
  if (trouble) return <Trouble problem={trouble} onRetry={() => window.location.reload()} whole />;
  if (session.state === "unknown") return <Splash />;
  if (session.state === "in") {
    return <Navigate to={safeTarget(search.get("to") ?? HOMES[session.account.role])} replace />;
  }
  return <Outlet />;
}

export function NeedsAccount() {
  const trouble = useStart();
  const session = useSession();
  const { pathname, search } = useLocation();
  useDocumentLanguage();
  if (trouble) return <Trouble problem={trouble} onRetry={() => window.location.reload()} whole />;
  if (session.state === "unknown") return <Splash />;
  if (session.state === "out") {
    const to = pathname === "/" && !search ? "" : `?to=${encodeURIComponent(pathname + search)}`;
    return <Navigate to={`/sign-in${to}`} replace />;
  }
  return <Outlet />;
}

export function NeedsProfile() {
  const session = useSession();
  const { pathname, search } = useLocation();
  const kids = session.state === "in" && !!session.profile?.kids;
  useEffect(() => {
    document.documentElement.toggleAttribute("data-kids", kids);
    return () => document.documentElement.removeAttribute("data-kids");
  }, [kids]);
  if (session.state === "in" && !session.profile) {
    return <Navigate to={`/who?to=${encodeURIComponent(pathname + search)}`} replace />;
  }
  return <Outlet />;
}

/** The account is for those who pay for it. */
export function NotForKids() {
  const session = useSession();
  return session.state === "in" && session.profile?.kids ? <Navigate to="/" replace /> : <Outlet />;
}

export function useDocumentLanguage(): void {
  const language = useLanguage();
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
}
