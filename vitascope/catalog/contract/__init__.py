"""The contracts of the catalogue: one for viewers, one for partners, one for published files."""
