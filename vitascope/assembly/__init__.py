"""The one place that knows every class: settings in, a running process out.

A process runs a set of *parts*: domains, and those that only use domains (`erasure`, `gateway`,
`origin`, `worker`, `edge`). `domains.py` is the table of what each part needs and offers;
`providers/<part>.py` makes it from the process's engines and from its neighbours' contracts;
`adapters.py` is the table of engines that settings can name. A contract that another process has is
dialled, and no caller can tell the difference.

A provider is imported when its part is opened, so that no process loads what only another one
needs: an edge starts without a database, the API without an encoder.
"""
