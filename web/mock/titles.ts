/** A handful of films and a series, so that the pages can be worked on without the service. */

import type { Artwork, EpisodeCard, Maturity, SeasonCard, TitleCard } from "../src/api/types";

type Line = [name: string, year: number, genres: string, minutes: number, tagline: string, maturity?: Maturity, playable?: boolean];

const LINES: Line[] = [
  ["Big Buck Bunny", 2008, "animation comedy", 10, "Three rodents pick on the wrong rabbit.", 0, true],
  ["A Trip to the Moon", 1902, "science-fiction fantasy", 15, "Six astronomers, one cannon, and a moon with a face.", 0, true],
  ["Metropolis", 1927, "science-fiction drama", 153, "Between the head and the hands there must be a heart.", 7],
  ["Sherlock Jr.", 1924, "comedy mystery", 45, "A projectionist walks into his own screen.", 0, true],
  ["The General", 1926, "comedy adventure", 79, "He loved two things: her, and his engine.", 0],
  ["Nosferatu", 1922, "horror fantasy", 94, "A symphony of dread, and of rats.", 13, true],
  ["Sintel", 2010, "animation fantasy", 15, "A girl searches the world for a dragon.", 13, true],
  ["Tears of Steel", 2012, "science-fiction drama", 12, "Amsterdam, robots, and an apology forty years late.", 13, true],
  ["The Cabinet of Dr. Caligari", 1920, "horror mystery", 76, "The sleeper wakes at dusk.", 13],
  ["Safety Last!", 1923, "comedy romance", 73, "It is a long way up, and the clock is slipping.", 0],
  ["The Lost World", 1925, "adventure fantasy", 106, "On a plateau in the Amazon, time has stopped.", 7],
  ["Night of the Living Dead", 1968, "horror", 96, "They will not stay dead.", 16],
  ["Charade", 1963, "mystery romance", 113, "Everyone is after the money, and nobody is who he says.", 7],
  ["His Girl Friday", 1940, "comedy romance", 92, "The fastest newsroom in the world.", 0],
  ["Battleship Potemkin", 1925, "drama history", 75, "A mutiny, a harbour, and a staircase.", 13],
  ["Man with a Movie Camera", 1929, "documentary", 68, "A city, from dawn to the last frame.", 0],
  ["Nanook of the North", 1922, "documentary", 79, "A winter on Hudson Bay.", 7],
  ["The Gold Rush", 1925, "comedy adventure", 95, "Hunger, snow, and a dance of bread rolls.", 0],
  ["Cosmos Laundromat", 2015, "animation drama", 12, "On a desolate island, a sheep meets its fate.", 13],
  ["Carnival of Souls", 1962, "horror mystery", 78, "She came up from the river, and something followed.", 13],
  ["The Phantom of the Opera", 1925, "horror romance", 93, "Under the opera house there is a lake.", 13],
  ["Faust", 1926, "fantasy drama", 106, "A city, a plague, and a bargain.", 13],
  ["Elephants Dream", 2006, "animation science-fiction", 11, "Two men inside one machine that does not agree.", 7],
  ["Spring", 2019, "animation fantasy", 8, "A shepherd girl and her dog wake the seasons.", 0],
];

const TINTS = ["#3a2130", "#1f3140", "#43301d", "#20382f", "#3b2a48", "#4a2620", "#263a4a", "#3d3a1f"];

const slug = (name: string) => name.toLowerCase().replace(/[^a-z]+/g, "-").replace(/-$/, "");

const cardOf = ([name, year, genres, minutes, tagline, maturity = 0, playable = false]: Line, at: number): TitleCard => ({
  id: `ttl_${slug(name)}`,
  kind: "film",
  name,
  tagline,
  year,
  maturity,
  genres: genres.split(" "),
  artwork: art(name, TINTS[at % TINTS.length] ?? "#333"),
  duration_ms: minutes * 60_000,
  playable,
  seasons: 0,
});

function art(name: string, tint: string): Artwork {
  const at = (shape: string) => `${shape}/${encodeURIComponent(name)}.svg`;
  return { poster: at("poster"), landscape: at("landscape"), billboard: at("billboard"), preview: "", tint, from_film: [] };
}

const SERIES: TitleCard = {
  ...cardOf(["The Lost Island", 1932, "adventure mystery", 24, "Every map of it is wrong.", 7, true], 3),
  kind: "series",
  seasons: 2,
  duration_ms: null,
};

const EPISODES = ["The Chart", "The Map", "Low Water", "A Light in the Fog", "What the Tide Kept", "Landfall"];

export const SEASONS: SeasonCard[] = [1, 2].map((number) => ({
  number,
  name: number === 1 ? "The Chart Room" : "The Other Shore",
  episodes: EPISODES.slice(0, number === 1 ? 6 : 4).map(
    (name, at): EpisodeCard => ({
      id: `epi_${number}_${at + 1}`,
      season: number,
      number: at + 1,
      name,
      synopsis: "The ship's clerk finds a coastline that no survey has drawn, and the captain decides who may know of it.",
      duration_ms: (22 + at) * 60_000,
      playable: at < 3,
      artwork: art(`The Lost Island ${number}${at}`, TINTS[at] ?? "#333"),
    }),
  ),
}));

export const CARDS: TitleCard[] = [...LINES.map(cardOf), SERIES];
export const GENRES = [...new Set(CARDS.flatMap((card) => card.genres))].toSorted();
