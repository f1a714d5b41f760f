"""Sound, subtitles and seek previews."""
