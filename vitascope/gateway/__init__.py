"""Where the outside comes in: tokens, rate limits, request ids, problem bodies, the web app.

Announces nothing and has no contract: `vitascope.gateway.app.build` is called by the assembly.
"""
