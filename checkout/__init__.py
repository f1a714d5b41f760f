"""What a checkout can do beyond the product: build the web app, install packages, test, check.

`./vita` runs `python -m checkout`, which is the product's command line with these commands beside
it. None of it is in the wheel.
"""
