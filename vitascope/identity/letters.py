"""What identity writes to people, in English or French."""

from vitascope.identity.contract import Account

_RESET = {
    "en": (
        "Your code for a new password",
        "Hello {name},\n\nyour code is\n\n    {code}\n\nEnter it within an hour at {url}, "
        "with your email and a new password.\n\nIf you did not ask for it, ignore this letter: "
        "your password stays as it is.\n",
    ),
    "fr": (
        "Votre code pour un nouveau mot de passe",
        "Bonjour {name},\n\nvotre code est\n\n    {code}\n\nSaisissez-le dans l’heure à "
        "l’adresse {url}, avec votre e-mail et un nouveau mot de passe.\n\nSi vous ne l’avez pas "
        "demandé, ignorez ce message : votre mot de passe ne change pas.\n",
    ),
}


def reset_letter(account: Account, code: str, public_url: str) -> tuple[str, str]:
    """Returns the subject and the text of the letter that brings a code."""
    subject, text = _RESET["fr" if account.locale.split("-")[0] == "fr" else "en"]
    url = f"{public_url.rstrip('/')}/reset"
    return subject, text.format(name=account.name, code=code, url=url)
