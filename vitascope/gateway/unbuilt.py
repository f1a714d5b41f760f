"""The page that is shown while the web app is being built, as at the first start of a checkout."""

import base64
import hashlib

from litestar import Response

_EVERY_S = 2
_STYLE = (
    ":root{color-scheme:light dark}"
    "body{display:grid;place-content:center;gap:.5rem;min-height:100vh;margin:0;padding:0 2rem;"
    "box-sizing:border-box;font:1.1rem/1.5 system-ui,sans-serif;text-align:center;"
    "background:light-dark(#f8f1e5,#130b10);color:light-dark(#2a151c,#fbf0e1)}"
    "h1{margin:0;font-size:1.7rem}p{margin:0}"
)
_WORDS = {
    "en": (
        "The web app is not ready yet",
        "It is being built, which takes about a minute. The page opens by itself.",
    ),
    "fr": (
        "L’application web n’est pas prête",
        "Sa construction prend environ une minute. La page s’ouvrira d’elle-même.",
    ),
}


def unbuilt(accept_language: str) -> Response[bytes]:
    """Returns a page that asks again by itself. 503: it is no answer to what was asked."""
    language = "fr" if accept_language.strip().lower().startswith("fr") else "en"
    title, text = _WORDS[language]
    page = (
        f'<!doctype html><html lang="{language}"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f'<meta http-equiv="refresh" content="{_EVERY_S}"><title>Vitascope</title>'
        f"<style>{_STYLE}</style><h1>{title}</h1><p>{text}</p></html>"
    )
    digest = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    return Response(
        page.encode(),
        status_code=503,
        media_type="text/html",
        headers={
            "Cache-Control": "no-store",
            "Retry-After": str(_EVERY_S),
            "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{digest}'",
        },
    )
