"""Makes the demo's films, kept as files in `demo/media`: picture by numpy and Skia, sound by numpy,
speech by espeak-ng. Run this after a film changed: `pip install --group films` in the checkout's
`.venv`, then `.venv/bin/python -m demo.filming [FILM...]`. `--look` writes a sheet of stills of
each in place of its master.
"""
