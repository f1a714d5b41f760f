/** What is wider than a phone scrolls by itself, with the arrow keys too. */

import type { ReactNode } from "react";

export function SideScroll({ label, children }: { label: string; children: ReactNode }) {
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls can be reached by keyboard
    <div className="studio-scroll" role="region" aria-label={label} tabIndex={0}>
      {children}
    </div>
  );
}
