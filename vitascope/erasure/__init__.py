"""Journey: when a profile is removed, every domain that remembers something of it forgets it.

What is removed with the profile itself is identity's own: its devices' choice of it, its settings.
Playback's sessions name the profile and are deleted by age, as all sessions are.
"""
