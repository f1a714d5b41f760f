"""The films, one file for each, or for each series."""
