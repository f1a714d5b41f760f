/** What a finding says in French. The service says it in English, with the details: which track, how
 * many, where. A text here is all that is to be said, or, as `kind`, goes before the service's own
 * sentence, because that has details which the code and its figures do not carry. */

import type { Finding } from "../api/types";

type FindingWords = string | { readonly kind: string };

/** One for each code that the service names. */
export const findingsFr: Record<string, FindingWords> = {
  empty: "Le fichier est vide. Envoyez-le à nouveau.",
  "playlist-not-media": "C’est une liste de lecture, qui ne fait que renvoyer à d’autres fichiers. Envoyez le film lui-même.",
  "not-media": { kind: "Ce fichier n’a pas pu être lu. Envoyez-le dans un format accepté." },
  "too-many-packets": { kind: "Le fichier a trop de paquets ou d’images. Envoyez le film en plusieurs parties." },
  "unsupported-container": { kind: "Ce format de fichier n’est pas accepté." },
  truncated: { kind: "Le fichier est incomplet. Exportez-le ou copiez-le à nouveau, puis envoyez-le en entier." },
  damaged: { kind: "Le fichier est endommagé. Exportez-le ou copiez-le à nouveau." },
  "damaged-parts": { kind: "Une partie du film est endommagée ou manque. Le film est publié malgré tout." },
  "clock-jumps": { kind: "L’horloge de l’enregistrement fait un saut. Le film continue sans interruption ; vérifiez le son à cet endroit." },
  "clock-jumps-more": { kind: "L’horloge de l’enregistrement fait encore d’autres sauts." },
  "starts-inside": { kind: "L’enregistrement commence entre deux images clés. Le film commence à la première image clé." },

  "no-video": "Le fichier n’a pas d’image. Envoyez le film, pas seulement son audio.",
  "no-picture-data": "Le fichier a une piste vidéo sans aucune donnée. Exportez-le à nouveau.",
  "encrypted-master": "La vidéo est chiffrée. Envoyez un master sans DRM.",
  "several-pictures": { kind: "Le fichier a plusieurs pistes vidéo ; une seule est utilisée." },
  undecodable: { kind: "La vidéo ne peut pas être décodée : elle est endommagée ou chiffrée. Exportez-la à nouveau." },
  "unsupported-codec": { kind: "Un codec n’est pas accepté." },
  "unsupported-colour": { kind: "Les couleurs de la vidéo ne peuvent pas être lues ainsi. Exportez-la à nouveau." },
  "too-large-picture": { kind: "L’image est trop grande : 8192 × 4320 au plus. Réduisez-la, puis envoyez-la." },
  "too-small-picture": { kind: "L’image est trop petite. Envoyez le master en pleine définition." },
  "too-narrow-picture": { kind: "L’image est trop étroite pour être montrée." },
  "variable-frame-rate": { kind: "La cadence varie. Elle est rendue constante ; un master à cadence constante donne un mouvement plus fluide." },
  "frames-repeated": { kind: "Il y a moins de 10 images par seconde. Chacune est répétée." },
  "frame-rate-halved": { kind: "La cadence dépasse 60 images par seconde. Une image sur deux est laissée de côté." },
  "last-picture-stays": "Le son continue après la dernière image, qui reste affichée jusqu’à sa fin.",
  interlaced: { kind: "La vidéo est entrelacée, et désentrelacée : chaque trame devient une image. Un master progressif est plus beau." },
  "pulled-down": { kind: "La vidéo est un film en trames à 30 images par seconde (pulldown 2:3). Les images du film sont rétablies." },
  rotated: "La vidéo est marquée comme tournée. Elle est encodée à l’endroit, comme les lecteurs la montrent.",
  "pixels-not-square": { kind: "Les pixels ne sont pas carrés. L’image est mise à l’échelle en pixels carrés." },
  "colour-assumed": { kind: "L’indication des couleurs est incomplète ; les valeurs usuelles sont supposées. Envoyez un master complet si elles sont fausses." },
  "colour-converted": { kind: "Les couleurs sont converties, car peu de lecteurs les montrent bien ainsi." },
  "full-range": "La vidéo a des niveaux étendus (« full range »). Ils sont convertis en niveaux limités.",
  hdr: { kind: "La vidéo est en HDR. Elle est convertie en SDR, et gardée telle quelle pour les formats HDR." },
  black: "L’image est noire. Vérifiez que c’est voulu, si ce n’est pas au début ou à la fin.",
  freeze: "L’image ne change pas. Vérifiez que c’est voulu.",
  "photosensitive-flash": "L’image clignote plus de trois fois par seconde, sur un quart de sa surface ou plus. C’est dangereux pour les personnes photosensibles (ITU-R BT.1702, WCAG). Les clignotements sont comptés ; ce n’est pas un certificat.",
  "photosensitive-red": "L’image clignote en rouge saturé plus de trois fois par seconde, sur un quart de sa surface ou plus. C’est dangereux pour les personnes photosensibles (ITU-R BT.1702, WCAG). Les clignotements sont comptés ; ce n’est pas un certificat.",
  "dead-pixels": { kind: "Des pixels restent clairs ou sombres dans tout le film, comme ceux d’un capteur en défaut. Retouchez l’image." },
  bars: { kind: "L’image a des bandes noires." },
  "bars-change": { kind: "L’image change de forme en cours de route." },
  "levels-outside": { kind: "Une part de l’image est hors des niveaux vidéo. Des niveaux étendus sont peut-être indiqués comme limités : les ombres et les lumières seraient coupées." },
  "levels-narrow": "La vidéo est indiquée en niveaux étendus, mais ses niveaux sont limités : elle serait pâle. Corrigez l’indication.",
  blocking: "L’image montre les blocs d’un encodage antérieur. Envoyez un master de meilleure qualité.",

  "no-audio": "Le fichier n’a pas de son. Envoyez un master avec du son, sauf si le film est muet.",
  "no-sound": { kind: "Le fichier n’a pas d’audio." },
  mute: { kind: "L’audio est silencieux du début à la fin. Vérifiez l’export." },
  silence: { kind: "Silence. Vérifiez que c’est voulu, si ce n’est pas au début ou à la fin." },
  "size-changes": { kind: "La taille de l’image change en cours de route. Tout est mis à la taille du début ; ce qui a une autre forme est étiré." },
  "several-sounds": { kind: "Le fichier a plusieurs pistes audio ; une seule est utilisée." },
  "sound-left-out": { kind: "Une piste audio est laissée de côté." },
  "language-unknown": { kind: "Des pistes audio n’indiquent pas leur langue." },
  "audio-early": { kind: "L’audio commence avant la première image. Le film commence avec son image : ce qui s’entend avant est laissé de côté." },
  "audio-length": { kind: "L’audio et l’image n’ont pas la même durée." },
  loudness: { kind: "Niveau sonore." },
  "loudness-unknown": { kind: "L’audio est trop court ou trop faible pour que son niveau soit mesuré." },
  "loudness-unusual": { kind: "Le niveau sonore est inhabituel. Il est ramené au niveau courant." },
  clipping: { kind: "L’audio est écrêté." },
  "channel-missing": { kind: "Un canal de l’audio est vide du début à la fin." },
  "channel-lost": { kind: "Un côté de l’audio est vide à cet endroit." },
  phase: { kind: "Les deux côtés de l’audio s’annulent en mono. Vérifiez la polarité." },
  "true-peak": { kind: "L’audio a des crêtes très hautes. Écoutez s’il est écrêté." },
  "mono-joined": { kind: "Les pistes audio mono sont prises pour les canaux d’un mixage, dans l’ordre courant. Donnez-leur des langues ou des titres si elles sont autre chose." },
  "mono-apart": { kind: "Les pistes audio mono ne sont pas un mixage stéréo. Donnez-leur des langues ou des titres." },
  "stereo-mix": { kind: "Une piste stéréo est le mixage du 5.1." },
  "stereo-apart": { kind: "Une piste stéréo n’est pas le mixage du 5.1. Le 5.1 reçoit son propre mixage stéréo, lu par défaut." },
  "sound-already-there": { kind: "Il y a déjà un audio dans cette langue et ce rôle. Envoyez-le à nouveau en indiquant qu’il le remplace." },
  "sound-out-of-step": { kind: "L’audio n’est pas synchrone avec celui que le film a déjà. Décalez-le, puis envoyez-le à nouveau." },
  "sync-unknown": "Le nouvel audio a trop peu en commun avec les autres pour savoir s’il est synchrone. Regardez un passage.",

  "subtitles-are-pictures": { kind: "Des sous-titres sont des images et sont laissés de côté. Ajoutez-les sous forme de texte : SRT, WebVTT ou ASS." },
  "subtitles-left-out": { kind: "Des sous-titres d’une sorte qui ne peut pas être lue sont laissés de côté. Ajoutez-les en SRT, WebVTT ou TTML par exemple." },
  "subtitles-empty": { kind: "Des sous-titres sont vides, ou n’ont pas de texte pendant le film, et sont laissés de côté." },
  "subtitles-unreadable": { kind: "Des sous-titres ne peuvent pas être lus et sont laissés de côté. Envoyez du SRT, WebVTT, ASS, TTML, SCC ou EBU STL." },
  "subtitle-charset": { kind: "Des sous-titres ne sont pas en Unicode. Leur codage est deviné." },
  "subtitle-charset-mixed": { kind: "Une partie des sous-titres n’est pas en UTF-8, contrairement aux autres. Leur codage est deviné." },
  "subtitle-unreadable-cues": { kind: "Des passages des sous-titres ne peuvent pas être lus et sont laissés de côté. Corrigez-les." },
  "subtitle-without-text": { kind: "Des sous-titres n’ont pas de texte." },
  "subtitle-backwards": { kind: "Des sous-titres qui finissent avant de commencer sont laissés de côté." },
  "subtitle-no-length": { kind: "Des sous-titres n’ont pas de durée ; ils restent affichés le temps de les lire." },
  "subtitle-hours": { kind: "Les temps de sous-titres commencent à une heure entière, comme ceux d’un programme ; ils sont comptés depuis le début du film." },
  "subtitle-outside": { kind: "Des sous-titres en dehors du film sont laissés de côté." },
  "subtitle-cut": { kind: "Des sous-titres qui durent plus longtemps que la vidéo sont coupés à sa fin." },
  "subtitle-overlap": { kind: "Des sous-titres se chevauchent." },
  "subtitle-too-fast": { kind: "Des sous-titres passent trop vite pour être lus." },

  "no-artwork": "Aucune image du film n’est assez bonne pour une affiche.",
  "artwork-failed": { kind: "Les images n’ont pas pu être prises dans le film." },
};

/** What is shown of a finding: a text in the viewer's language, and what only English tells. */
export interface Told {
  readonly text: string;
  readonly english: string;
}

export function toldOf(finding: Pick<Finding, "code" | "sentence">, language: "en" | "fr"): Told {
  if (language === "en") return { text: finding.sentence, english: "" };
  const words = findingsFr[finding.code];
  if (!words) return { text: further(finding.code), english: finding.sentence };
  return typeof words === "string" ? { text: words, english: "" } : { text: words.kind, english: finding.sentence };
}

/** Of a hundred findings of one kind and more, the others are told as one: "black-more". */
function further(code: string): string {
  const more = code.endsWith("-more") && findingsFr[code.slice(0, -"-more".length)];
  if (!more) return "";
  return `Et d’autres encore : ${typeof more === "string" ? more : more.kind}`;
}
