"""Words that the whole house shares. No I/O here, and nothing of ours is imported."""
