"""Full text: a first, generous recall of documents for some words; the ranking is not done here."""

from vitascope.engines.text.contract import Text, TextDocument
from vitascope.engines.text.folding import fold, tokens

__all__ = ["Text", "TextDocument", "fold", "tokens"]
