"""The one place that knows every class: settings in, a running house out.

A process runs some *roles*. For each contract it either makes the object itself or dials the
process that has it, as `[wire]` says; nobody else can tell which. What a process makes it also
serves over the wire to the others. One module per kind of process, so that none loads what only
another one needs: an edge starts without a database, the API without an encoder.
"""
