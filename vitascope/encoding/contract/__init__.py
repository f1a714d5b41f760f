"""The contract of encoding, one file a wing; `encoding.py` puts the steps in their order."""
