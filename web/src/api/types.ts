/**
 * The shapes of the API, under the names that the contracts give them. Generated: `npm run types`
 * makes schema.d.ts from openapi.json. Everything else imports from here.
 */

import type { components } from "./schema";

type Schemas = components["schemas"];

/** The document marks a member with a default as one that may be missing; answers always have it. */
export type Whole<T> = T extends (infer Item)[]
  ? Whole<Item>[]
  : T extends object
    ? { [Key in keyof T]-?: Whole<Exclude<T[Key], undefined>> }
    : T;

type Answer<Name extends keyof Schemas> = Whole<Schemas[Name]>;

export type Account = Answer<"Account">;
export type Artwork = Answer<"Artwork">;
export type Avatar = Profile["avatar"];
export type BeatAnswer = Answer<"BeatAnswer">;
export type Billboard = Answer<"Billboard">;
export type CardPage = Answer<"CardPage">;
export type Codec = Schemas["Codec"];
export type Credit = Answer<"Credit">;
export type CreditRole = Schemas["CreditRole"];
export type Device = Answer<"Device">;
export type EdgeStatus = Answer<"EdgeStatus">;
export type EdgeAddress = Answer<"EdgeAddress">;
export type EpisodeCard = Answer<"EpisodeCard">;
export type Genre = Answer<"Genre">;
export type Finding = Answer<"Finding">;
export type HistoryItem = Answer<"HistoryItem">;
export type HistoryView = Answer<"HistoryView">;
export type Home = Answer<"Home">;
export type HomeRow = Answer<"HomeRow">;
export type HomeRowKind = Schemas["HomeRowKind"];
export type HullPoint = Answer<"HullPoint">;
export type Job = Answer<"Job">;
export type JobFilter = Schemas["JobFilter"];
export type JobPage = Answer<"JobPage">;
export type JobReport = Answer<"JobReport">;
export type JobState = Schemas["JobState"];
export type Review = Answer<"Review">;
export type LiveVersion = Answer<"LiveVersion">;
export type OfferedStill = Answer<"OfferedStill">;
export type LoadSample = Answer<"LoadSample">;
export type LoggedError = Answer<"LoggedError">;
export type Maturity = Schemas["Maturity"];
export type MyListView = Answer<"MyListView">;
export type Plan = Answer<"Plan">;
export type PlayAnswer = Answer<"PlayAnswer">;
export type Profile = Answer<"Profile">;
export type Quota = Answer<"Quota">;
export type Rung = Answer<"Rung">;
export type Role = Schemas["Role"];
export type Saving = Answer<"Saving">;
export type SearchView = Answer<"SearchView">;
export type SeasonCard = Answer<"SeasonCard">;
export type SignedIn = Answer<"SignedIn">;
export type StepProgress = Answer<"StepProgress">;
export type Stream = Answer<"Stream">;
export type Subtitles = Answer<"Subtitles">;
export type SubtitleKind = NonNullable<Subtitles["kind"]>;
export type Subscription = Answer<"Subscription">;
export type Thumb = Schemas["Thumb"];
export type Sort = Schemas["Sort"];
export type TitleKind = Schemas["TitleKind"];
export type Thumbnails = Answer<"Thumbnails">;
export type Tile = Answer<"Tile">;
export type Title = Answer<"Title">;
export type TitleCard = Answer<"TitleCard">;
export type TitleState = Schemas["TitleState"];
export type TitlePage = Answer<"TitlePage">;
export type TitleView = Answer<"TitleView">;
export type Upload = Answer<"Upload">;

/** What is sent: a member left out stays as it is. */
export type ProfileDraft = Schemas["ProfileDraft"];
export type TitleDraft = Schemas["TitleDraft"];
export type PlayRequest = Schemas["PlayForm"];
export type Beat = Schemas["ProgressForm"];

/** A further member of the refusal `too-many-streams`: the streams in use. */
export type StreamingDevice = Pick<Stream, "device" | "title" | "since_ms">;
