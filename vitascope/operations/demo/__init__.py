"""The demo: real public-domain and open films, three accounts, and something to play at once."""
