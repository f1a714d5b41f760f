"""The demo: films to play at once, real public-domain and open films that are announced, three
accounts."""
