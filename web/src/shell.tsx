/** The frame around the viewer's pages: name, navigation, profile menu. */

import { useEffect, useRef, useState } from "react";
import { Link, NavLink, Outlet, ScrollRestoration, useLocation, useNavigate } from "react-router";

import { answered, api } from "./api/client";
import { queryClient } from "./api/queries";
import { leave, useSession } from "./api/session";
import { useNarrow } from "./look/narrow";
import { chosenTheme, chooseTheme, type Theme } from "./look/theme";
import { Avatar } from "./components/Avatar";
import { isBack } from "./components/backKey";
import { Icon, type IconName } from "./components/Icon";
import { Mark } from "./components/Mark";
import { OfflineBar } from "./components/OfflineBar";
import { useWords, type Words } from "./words";

const WAYS: [to: string, icon: IconName, name: (words: Words) => string][] = [
  ["/", "home", (words) => words.home],
  ["/browse", "grid", (words) => words.browse],
  ["/my-list", "list", (words) => words.myList],
  ["/search", "search", (words) => words.search],
];

/** The bar lies over the wide picture of these pages, which is dark in every theme. */
const hasBackdrop = (pathname: string): boolean => pathname === "/" || pathname.startsWith("/title/");

export function Shell() {
  const words = useWords();
  const { pathname } = useLocation();
  const narrow = useNarrow();
  return (
    <>
      <a className="skip" href="#main">
        {words.skip}
      </a>
      <header className={hasBackdrop(pathname) ? "bar on-dark" : "bar"} data-row="">
        <Link to="/" className="bar-name" data-tile="" aria-label={words.brand}>
          <Mark />
        </Link>
        {!narrow && <Ways />}
        <ProfileMenu />
      </header>
      {/* At the bottom, where no picture lies beneath. */}
      {narrow && <Ways alone />}
      <main id="main" tabIndex={-1}>
        <Outlet />
      </main>
      <OfflineBar />
      {/* The first page of a visit has no key of its own: another address is another page. */}
      <ScrollRestoration getKey={({ key, pathname }) => (key === "default" ? pathname : key)} />
    </>
  );
}

/** `alone`: not within the bar, whose row it is part of otherwise. */
function Ways({ alone = false }: { alone?: boolean }) {
  const words = useWords();
  return (
    <nav className="ways" aria-label={words.mainNavigation} data-row={alone ? "" : undefined}>
      {WAYS.map(([to, icon, name]) => (
        <NavLink key={to} to={to} end={to === "/"} className="way" data-tile="">
          <Icon name={icon} />
          <span>{name(words)}</span>
        </NavLink>
      ))}
    </nav>
  );
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
        {account.role === "operator" && (
          <Link to="/operator" data-row="" data-tile="" onClick={shut}>
            {words.operations}
          </Link>
        )}
        {!profile.kids && <ThemeChoice />}
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
    dark: words.themeDark,
    light: words.themeLight,
    auto: words.themeAuto,
  };
  return (
    <label className="menu-theme">
      <span>{words.theme}</span>
      <select
        data-row=""
        data-tile=""
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
      const escape = event instanceof KeyboardEvent && isBack(event);
      const outside = event.type !== "keydown" && !node?.contains(event.target as Node);
      if (!node?.open || !(escape || outside)) return;
      node.removeAttribute("open");
      if (!escape) return;
      event.preventDefault(); // this one closes the menu, it does not lead back
      node.querySelector("summary")?.focus();
    };
    const events = ["pointerdown", "focusin", "keydown"] as const;
    for (const event of events) document.addEventListener(event, shut);
    return () => {
      for (const event of events) document.removeEventListener(event, shut);
    };
  }, [details]);
}
