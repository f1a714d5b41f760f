"""Connections to Redis, for whatever is kept there."""

from redis import DriverInfo, __version__
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff

# What each connection tells the server of its client. Left out, redis-py looks it up in files at
# every new connection, on the event loop.
_DRIVER = DriverInfo(lib_version=__version__)


def connected(url: str, *, connections: int, timeout_s: float, retries: int) -> Redis:
    """Returns a client that connects when it is first used. Who finds all connections in use waits
    for one: the plain pool would raise. `timeout_s` limits connecting, an answer and that wait."""
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=connections,
        timeout=timeout_s,
        socket_timeout=timeout_s,
        socket_connect_timeout=timeout_s,
        retry=Retry(ExponentialBackoff(cap=0.2, base=0.02), retries=retries),
        driver_info=_DRIVER,
    )
    return Redis.from_pool(pool)
