/** Shaka Player, DASH only: the one place that knows which of its builds we use. */

import shaka from "shaka-player/dist/shaka-player.dash-es2021.js";

export { shaka };
export type Variant = shaka.extern.Variant;
export type ShakaPlayer = shaka.Player;
