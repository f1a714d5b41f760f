"""How long and how many what comes from outside may be.

A bound is checked where a request is decoded, and stands in the OpenAPI document. What a domain
refuses beside it, with a sentence of its own, is within these. A rule test sees that every text,
list and map of a request has one.
"""

from msgspec import Meta

ID = Meta(max_length=64)
"""An id, a slug, a code, the name of a device's kind."""

WORD = Meta(max_length=100)
"""A tag, a genre, a label."""

NAME = Meta(max_length=300)
"""A name of a title, an episode, a person, a file; a reason; an email."""

PASSAGE = Meta(max_length=5000)
"""A synopsis."""

TOKEN = Meta(max_length=4096)
"""What we signed ourselves: a token, a place in a list."""

NUMBER = Meta(ge=-(2**53), le=2**53)
"""A moment in ms, a count: what databases and JavaScript can hold."""

PLACE = Meta(ge=0, le=100_000)
"""The number of a season or an episode, a year, a height."""

FEW = Meta(max_length=64)
HUNDRED = Meta(max_length=100)
MANY = Meta(max_length=500)
MOST = Meta(max_length=2000)
"""Of things in a list: devices, edges; windows, credits; episodes."""
