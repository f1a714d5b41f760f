"""From frames to renditions: shots, trials, the ladder, chunks, joining, measuring."""
