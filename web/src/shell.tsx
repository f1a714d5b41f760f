/** The frame around the viewer's pages: name, navigation, profile menu. */

import { useEffect, useRef, useState } from "react";
import { Link, NavLink, Outlet, ScrollRestoration, useLocation, useNavigate } from "react-router";

import { answered, api } from "./api/client";
import { queryClient } from "./api/queries";
import { leave, useSession } from "./api/session";
import { chosenTheme, chooseTheme, type Theme } from "./look/theme";
import { Avatar } from "./components/Avatar";
import { useArrowKeys } from "./components/arrows";
import { Icon, type IconName } from "./components/Icon";
import { Mark } from "./components/Mark";
import { useWords, type Words } from "./words";

const WAYS: [to: string, icon: IconName, name: (words: Words) => string][] = [
  ["/", "home", (words) => words.home],
  ["/browse", "grid", (words) => words.browse],
  ["/my-list", "list", (words) => words.myList],
  ["/search", "search", (words) => words.search],
];

export function Shell() {
  const words = useWords();
  const main = useRef<HTMLElement>(null);
  useArrowKeys();
  useFocusOnArrival(main);
  return (
    <>
      <a className="skip" href="#main">
        {words.skip}
      </a>
      <header className="bar" data-row="">
        <Link to="/" className="bar-name" data-tile="" aria-label={words.brand}>
          <Mark />
        </Link>
        <nav className="ways" aria-label={words.mainNavigation}>
          {WAYS.map(([to, icon, name]) => (
            <NavLink key={to} to={to} end={to === "/"} className="way" data-tile="">
              <Icon name={icon} />
              <span>{name(words)}</span>
            </NavLink>
          ))}
        </nav>
        <ProfileMenu />
      </header>
      <main id="main" ref={main} tabIndex={-1}>
        <Outlet />
      </main>
      <ScrollRestoration />
    </>
  );
}

/** A screen reader hears a new page begin; a mouse notices nothing. */
function useFocusOnArrival(main: React.RefObject<HTMLElement | null>): void {
  const { pathname } = useLocation();
  const first = useRef(true);
  useEffect(() => {
    if (!first.current) main.current?.focus({ preventScroll: true });
    first.current = false;
  }, [pathname, main]);
}

/** Ends the session here and on the service, and goes to the sign-in page. */
export function useSignOut(): () => Promise<void> {
  const navigate = useNavigate();
  return async () => {
    await answered(api.POST("/api/sign-out")).catch(() => undefined);
    queryClient.clear();
    leave();
    await navigate("/sign-in");
  };
}

function ProfileMenu() {
  const words = useWords();
  const session = useSession();
  const out = useSignOut();
  const details = useRef<HTMLDetailsElement>(null);
  useCloseOnLeave(details);
  if (session.state !== "in" || !session.profile) return null;
  const { profile, account } = session;
  const shut = () => details.current?.removeAttribute("open");
  return (
    <details className="menu" ref={details}>
      <summary data-tile="" aria-label={words.profileMenu(profile.name)}>
        <Avatar name={profile.avatar} />
      </summary>
      <div className="menu-sheet">
        <p className="menu-name">{profile.name}</p>
        <Link to="/who" data-row="" data-tile="" onClick={shut}>
          {words.switchProfile}
        </Link>
        <Link to="/history" data-row="" data-tile="" onClick={shut}>
          {words.history}
        </Link>
        {!profile.kids && (
          <Link to="/account" data-row="" data-tile="" onClick={shut}>
            {words.account}
          </Link>
        )}
        {account.role !== "viewer" && (
          <Link to="/studio" data-row="" data-tile="" onClick={shut}>
            {words.studio}
          </Link>
        )}
        <ThemeChoice />
        <button type="button" data-row="" data-tile="" onClick={() => void out()}>
          {words.signOut}
        </button>
      </div>
    </details>
  );
}

function ThemeChoice() {
  const words = useWords();
  const [theme, setTheme] = useState<Theme>(chosenTheme);
  const names: Record<Theme, string> = {
    auto: words.themeAuto,
    dark: words.themeDark,
    light: words.themeLight,
  };
  return (
    <label className="menu-theme">
      <span>{words.theme}</span>
      <select
        value={theme}
        onChange={(event) => {
          const next = event.target.value as Theme;
          chooseTheme(next);
          setTheme(next);
        }}
      >
        {(Object.keys(names) as Theme[]).map((one) => (
          <option key={one} value={one}>
            {names[one]}
          </option>
        ))}
      </select>
    </label>
  );
}

function useCloseOnLeave(details: React.RefObject<HTMLDetailsElement | null>): void {
  useEffect(() => {
    const shut = (event: Event) => {
      const node = details.current;
      const escape = event instanceof KeyboardEvent && event.key === "Escape";
      const outside = event.type === "pointerdown" && !node?.contains(event.target as Node);
      if (!node?.open || !(escape || outside)) return;
      node.removeAttribute("open");
      if (escape) node.querySelector("summary")?.focus();
    };
    document.addEventListener("pointerdown", shut);
    document.addEventListener("keydown", shut);
    return () => {
      document.removeEventListener("pointerdown", shut);
      document.removeEventListener("keydown", shut);
    };
  }, [details]);
}
