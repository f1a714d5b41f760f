/** The texts of the page that explains how a device comes to trust this service. */

import { useLanguage } from "../words";
import type { System } from "./systems";

interface Steps {
  name: string;
  steps: string[];
  note?: string;
}

const en = {
  title: "On this device",
  lead: "Watch on this device",
  isTrusted: "This address is secure. Everything plays here.",
  whatFor:
    "Protected films play at a secure address only. This service makes its own certificate, so your device does not know it yet. Install its certificate authority once, then open the secure address.",
  noneNeeded: "Protected films play at a secure address only. Your device needs no certificate for it.",
  noTls: "This service has no secure address. Films that are not protected play here. Whoever runs it can start it with --lan to have both.",
  get: "Get the certificate",
  open: "Open the secure address",
  without: "Continue without it",
  withoutHint: "Films that are not protected play there too. Your password is sent over the network in clear.",
  check: "Check the fingerprint first",
  checkHint: "It has to be the one in the terminal in which the service was started. If it is another one, do not install the certificate.",
  sha256: "SHA-256 fingerprint",
  limits: "The authority can only vouch for addresses of local networks and for this machine’s names, never for sites on the Internet.",
  others: "Other devices",
  systems: {
    android: {
      name: "Android",
      steps: [
        "Get the certificate from this page.",
        "Open Settings, and search for “CA certificate” (Security, Encryption and credentials, Install a certificate).",
        "Choose “CA certificate”, then “Install anyway”, then the file vitascope.crt in Downloads.",
        "Open the secure address.",
      ],
      note: "Firefox on Android: in its Settings, About Firefox, tap the logo five times; then turn on “Use third party CA certificates” in Secret settings.",
    },
    ios: {
      name: "iPhone and iPad",
      steps: [
        "Get the certificate from this page, in Safari, and allow the profile to be downloaded.",
        "Open Settings, tap “Profile Downloaded”, then Install.",
        "Open Settings, General, About, Certificate Trust Settings, and turn on full trust for Vitascope.",
        "Open the secure address.",
      ],
    },
    macos: {
      name: "Mac",
      steps: [
        "Get the certificate from this page, and open vitascope.crt: Keychain Access adds it to the login keychain.",
        "In Keychain Access open Vitascope, then Trust, and choose “Always Trust” for SSL.",
        "Restart the browser, and open the secure address.",
      ],
    },
    windows: {
      name: "Windows",
      steps: [
        "Get the certificate from this page, and open vitascope.crt.",
        "Choose “Install Certificate”, Current User, “Place all certificates in the following store”, and the store “Trusted Root Certification Authorities”.",
        "Restart the browser, and open the secure address.",
      ],
    },
    linux: {
      name: "Linux",
      steps: [
        "Get the certificate from this page.",
        "Chrome and Chromium: open chrome://certificate-manager, Custom, “Installed by you”, Trusted certificates, Import, and choose vitascope.crt.",
        "For all other programs on Debian and Ubuntu: copy the PEM file to /usr/local/share/ca-certificates/vitascope.crt and run sudo update-ca-certificates.",
        "Open the secure address.",
      ],
    },
    firefox: {
      name: "Firefox on a computer",
      steps: [
        "Get the certificate as a PEM file.",
        "Open Settings, Privacy & Security, Certificates, View Certificates, Authorities, Import, and choose vitascope.pem.",
        "Tick “Trust this CA to identify websites”, and open the secure address.",
      ],
    },
    television: {
      name: "Television",
      steps: [
        "Most televisions can’t install a certificate. Continue without it: films that are not protected play.",
        "Some browsers let you pass the warning at the secure address: choose Advanced, then Proceed. Protected films then play there.",
        "Whoever runs the service can give it a certificate of a public authority ([tls] in its settings): then nothing is to be installed.",
      ],
    },
  } satisfies Record<System, Steps> as Record<System, Steps>,
  pem: "As a PEM file, for Firefox and Linux",
};

type TrustWords = typeof en;

const fr: TrustWords = {
  title: "Sur cet appareil",
  lead: "Regarder sur cet appareil",
  isTrusted: "Cette adresse est sécurisée. Tout peut y être lu.",
  whatFor:
    "Les films protégés ne sont lus qu’à une adresse sécurisée. Ce service fait son propre certificat, que votre appareil ne connaît pas encore. Installez une fois son autorité de certification, puis ouvrez l’adresse sécurisée.",
  noneNeeded: "Les films protégés ne sont lus qu’à une adresse sécurisée. Votre appareil n’a besoin d’aucun certificat pour elle.",
  noTls:
    "Ce service n’a pas d’adresse sécurisée. Les films non protégés sont lus ici. La personne qui l’exploite peut le démarrer avec --lan pour avoir les deux.",
  get: "Obtenir le certificat",
  open: "Ouvrir l’adresse sécurisée",
  without: "Continuer sans certificat",
  withoutHint: "Les films non protégés y sont lus aussi. Votre mot de passe passe en clair sur le réseau.",
  check: "Vérifiez d’abord l’empreinte",
  checkHint: "Ce doit être celle du terminal où le service a été démarré. Si elle est différente, n’installez pas le certificat.",
  sha256: "Empreinte SHA-256",
  limits: "L’autorité ne peut se porter garante que d’adresses de réseaux locaux et des noms de cette machine, jamais de sites d’Internet.",
  others: "Autres appareils",
  systems: {
    android: {
      name: "Android",
      steps: [
        "Obtenez le certificat sur cette page.",
        "Ouvrez les Paramètres et cherchez « certificat CA » (Sécurité, Chiffrement et identifiants, Installer un certificat).",
        "Choisissez « Certificat CA », puis « Installer quand même », puis le fichier vitascope.crt dans Téléchargements.",
        "Ouvrez l’adresse sécurisée.",
      ],
      note: "Firefox pour Android : dans Paramètres, À propos de Firefox, touchez cinq fois le logo ; activez ensuite « Utiliser les certificats CA tiers » dans Paramètres secrets.",
    },
    ios: {
      name: "iPhone et iPad",
      steps: [
        "Obtenez le certificat sur cette page, dans Safari, et autorisez le téléchargement du profil.",
        "Ouvrez Réglages, touchez « Profil téléchargé », puis Installer.",
        "Ouvrez Réglages, Général, Informations, Réglages de confiance des certificats, et activez la confiance totale pour Vitascope.",
        "Ouvrez l’adresse sécurisée.",
      ],
    },
    macos: {
      name: "Mac",
      steps: [
        "Obtenez le certificat sur cette page et ouvrez vitascope.crt : Trousseaux d’accès l’ajoute au trousseau de session.",
        "Dans Trousseaux d’accès, ouvrez Vitascope, puis Se fier, et choisissez « Toujours approuver » pour SSL.",
        "Redémarrez le navigateur et ouvrez l’adresse sécurisée.",
      ],
    },
    windows: {
      name: "Windows",
      steps: [
        "Obtenez le certificat sur cette page et ouvrez vitascope.crt.",
        "Choisissez « Installer un certificat », Utilisateur actuel, « Placer tous les certificats dans le magasin suivant », et le magasin « Autorités de certification racines de confiance ».",
        "Redémarrez le navigateur et ouvrez l’adresse sécurisée.",
      ],
    },
    linux: {
      name: "Linux",
      steps: [
        "Obtenez le certificat sur cette page.",
        "Chrome et Chromium : ouvrez chrome://certificate-manager, Personnalisés, « Installés par vous », Certificats de confiance, Importer, et choisissez vitascope.crt.",
        "Pour tous les autres programmes sous Debian et Ubuntu : copiez le fichier PEM dans /usr/local/share/ca-certificates/vitascope.crt et lancez sudo update-ca-certificates.",
        "Ouvrez l’adresse sécurisée.",
      ],
    },
    firefox: {
      name: "Firefox sur un ordinateur",
      steps: [
        "Obtenez le certificat au format PEM.",
        "Ouvrez Paramètres, Vie privée et sécurité, Certificats, Afficher les certificats, Autorités, Importer, et choisissez vitascope.pem.",
        "Cochez « Confirmer cette AC pour identifier des sites web », et ouvrez l’adresse sécurisée.",
      ],
    },
    television: {
      name: "Téléviseur",
      steps: [
        "La plupart des téléviseurs ne peuvent pas installer de certificat. Continuez sans : les films non protégés sont lus.",
        "Certains navigateurs laissent passer l’avertissement à l’adresse sécurisée : choisissez Paramètres avancés, puis Continuer. Les films protégés y sont alors lus.",
        "La personne qui exploite le service peut lui donner un certificat d’une autorité publique ([tls] dans ses réglages) : il n’y a alors rien à installer.",
      ],
    },
  },
  pem: "Au format PEM, pour Firefox et Linux",
};

export function useTrustWords(): TrustWords {
  return useLanguage() === "fr" ? fr : en;
}
