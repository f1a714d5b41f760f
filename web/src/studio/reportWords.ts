/** The studio's texts about how far a delivery is, and what became of it. */

import type { JobFilter, Saving } from "../api/types";
import { pluralEn, pluralFr } from "../words/plural";
import type { Verdict } from "./checks";

export const reportEn = {
  details: "Details",
  stepNames: {
    inspect: "Inspection",
    quality: "Quality control",
    audio: "Audio",
    "first version": "First version",
    "package first version": "Packaging of the first version",
    "verify first version": "Verification of the first version",
    "publish first version": "Publication of the first version",
    shots: "Shots",
    artwork: "Pictures",
    samples: "Samples",
    trials: "Trial encodes",
    ladder: "Ladder",
    subtitles: "Subtitles",
    thumbnails: "Seek previews",
    package: "Packaging",
    verify: "Verification",
    publish: "Publication",
    "inspect sound": "Inspection of the audio",
    "compare sound": "Comparison with the picture",
    "open the live version": "The live version is opened",
  } as Record<string, string>,
  encodeStep: (rendition: string) => `Encoding of ${rendition}`,
  firstStep: (rendition: string) => `First version, ${rendition}`,
  timeLeft: (ms: number) => (ms < 90_000 ? "less than 2 min left" : `about ${span(ms, "min", "h")} left`),
  findDeliveries: "Find by title or file",
  noSuchDeliveries: "No delivery matches.",
  jobFilters: {
    all: "All",
    "under-way": "Under way",
    ready: "Ready, not published",
    failed: "Failed or refused",
    ended: "Ended",
  } satisfies Record<JobFilter, string>,
  fewerBits: (percent: number) => `${percent}% fewer bits than the fixed ladder at the same quality`,
  moreBits: (percent: number) => `${percent}% more bits than the fixed ladder at the same quality`,
  sameBits: "As many bits as the fixed ladder at the same quality",
  savingBasis: { predicted: "predicted", measured: "measured" } satisfies Record<Saving["basis"], string>,
  savingHint: (rungs: string) =>
    `From the trial encodes of this title: what its own ladder needs for the quality that a fixed bitrate buys at ${rungs}. The fixed ladder itself was not encoded.`,
  downloadReport: "Download the report (JSON)",
  allChecksPassed: (count: number) => pluralEn(count, "The check passed.", `All ${count} checks passed.`),
  checksPassed: (passed: number, all: number) => `${passed} of ${all} ${pluralEn(all, "check", "checks")} passed. The others:`,
  everyCheck: "Every check",
  verdicts: { passed: "Passed", failed: "Failed", undecided: "Undecided" } satisfies Record<Verdict, string>,
};

export const reportFr: typeof reportEn = {
  details: "Détails",
  stepNames: {
    inspect: "Inspection",
    quality: "Contrôle qualité",
    audio: "Son",
    "first version": "Première version",
    "package first version": "Assemblage de la première version",
    "verify first version": "Vérification de la première version",
    "publish first version": "Publication de la première version",
    shots: "Plans",
    artwork: "Images",
    samples: "Échantillons",
    trials: "Essais d’encodage",
    ladder: "Échelle",
    subtitles: "Sous-titres",
    thumbnails: "Aperçus de navigation",
    package: "Assemblage",
    verify: "Vérification",
    publish: "Publication",
    "inspect sound": "Inspection du son",
    "compare sound": "Comparaison avec l’image",
    "open the live version": "Ouverture de la version en ligne",
  },
  encodeStep: (rendition) => `Encodage de ${rendition}`,
  firstStep: (rendition) => `Première version, ${rendition}`,
  timeLeft: (ms) => (ms < 90_000 ? "moins de 2 min restantes" : `environ ${span(ms, "min", "h")} restantes`),
  findDeliveries: "Chercher un titre ou un fichier",
  noSuchDeliveries: "Aucune livraison ne correspond.",
  jobFilters: {
    all: "Toutes",
    "under-way": "En cours",
    ready: "Prêtes, non publiées",
    failed: "En échec ou refusées",
    ended: "Terminées",
  },
  fewerBits: (percent) => `${percent} % de bits en moins que l’échelle fixe, à qualité égale`,
  moreBits: (percent) => `${percent} % de bits en plus que l’échelle fixe, à qualité égale`,
  sameBits: "Autant de bits que l’échelle fixe, à qualité égale",
  savingBasis: { predicted: "prévu", measured: "mesuré" },
  savingHint: (rungs) =>
    `D’après les essais d’encodage de ce titre : ce dont son échelle a besoin pour la qualité qu’un débit fixe donne en ${rungs}. L’échelle fixe elle-même n’a pas été encodée.`,
  downloadReport: "Télécharger le rapport (JSON)",
  allChecksPassed: (count) => pluralFr(count, "Le contrôle est réussi.", `Les ${count} contrôles sont réussis.`),
  checksPassed: (passed, all) => `${passed} ${pluralFr(passed, "contrôle", "contrôles")} sur ${all} ${pluralFr(passed, "est réussi", "sont réussis")}. Les autres :`,
  everyCheck: "Tous les contrôles",
  verdicts: { passed: "Réussi", failed: "Échec", undecided: "Indécidable" },
};

function span(ms: number, minutes: string, hours: string): string {
  const all = Math.round(ms / 60_000);
  return all < 60 ? `${all} ${minutes}` : `${Math.floor(all / 60)} ${hours} ${all % 60} ${minutes}`;
}
