"""Stills and a preview, taken from the film."""
