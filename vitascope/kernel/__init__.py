"""Types that all parts share. No I/O here, and nothing of ours is imported."""
