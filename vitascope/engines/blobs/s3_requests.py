"""The requests to an S3 server that obstore has no call for, signed by awscrt and sent by httpx:
multipart uploads that outlive the process, creation only at the end of one, and lists by any
prefix. (boto3 would do, but cannot be installed together with DBOS.)
"""

import asyncio
import hashlib
import random
import time
from collections.abc import Mapping
from urllib.parse import quote, urlsplit
from xml.etree import ElementTree

import httpx
from awscrt import auth
from awscrt.http import HttpHeaders, HttpRequest

from vitascope.engines.blobs.s3_errors import Errors
from vitascope.engines.blobs.settings import S3Settings

_UNRESERVED = "-_.~"
_TIMEOUT = httpx.Timeout(60, connect=5)


class Answer:
    """A server's answer: its headers, and its body as XML, where there is one."""

    def __init__(self, response: httpx.Response) -> None:
        self.status = response.status_code
        self.headers = response.headers
        self.xml = _xml(response.content)

    def text(self, name: str) -> str:
        """Returns the text of the first element below the root with this name."""
        return self.xml.findtext(f"{{*}}{name}", "")


class S3Requests:
    """Connects with the first request. Close it from the same event loop."""

    def __init__(self, settings: S3Settings, errors: Errors) -> None:
        self._settings = settings
        self._errors = errors
        self._base = _base_url(settings)
        self._client: httpx.AsyncClient | None = None
        self._under_way = 0
        self._closed = False
        self._credentials: auth.AwsCredentialsProvider | None = None

    async def ask(
        self,
        method: str,
        key: str = "",
        query: Mapping[str, str] | None = None,
        *,
        content: bytes = b"",
        headers: Mapping[str, str] | None = None,
        about: str = "",
    ) -> Answer:
        """Send one request for `key`, or for the bucket; it is tried again for `retry_s` while the
        server fails. `about` is what errors name in place of the key."""
        path = f"{self._base}/{quote(key, safe='/' + _UNRESERVED)}"
        url = path + _query(query or {})
        answer = Answer(await self._in_tries(method, url, content, headers or {}))
        if answer.status >= 300 or answer.xml.tag.endswith("Error"):
            code = answer.text("Code") or str(answer.status)
            raise self._errors.of(code, about or key, answer.text("Message"))
        return answer

    async def close(self) -> None:
        """Close the connections; those of requests that are under way when these end."""
        self._closed = True
        await self._close_when_idle()

    async def _close_when_idle(self) -> None:
        if self._closed and not self._under_way and self._client is not None:
            await self._client.aclose()

    async def _in_tries(
        self, method: str, url: str, content: bytes, headers: Mapping[str, str]
    ) -> httpx.Response:
        pause, until = 0.2, time.monotonic() + self._settings.retry_s
        while True:
            try:
                answer = await self._send(method, url, content, headers)
                if answer.status_code < 500 and answer.status_code != 429:
                    return answer
                why = f"status {answer.status_code}"
            except httpx.TransportError as error:
                why = str(error) or type(error).__name__
            if time.monotonic() + pause > until:
                raise self._errors.unavailable(why)
            await asyncio.sleep(pause * random.uniform(0.5, 1))
            pause = min(2 * pause, 5)

    async def _send(
        self, method: str, url: str, content: bytes, headers: Mapping[str, str]
    ) -> httpx.Response:
        signed = await self._signed(method, url, content, headers)
        if self._closed:  # meanwhile: a connection made now would be closed by nobody
            raise self._errors.unavailable("it is being closed")
        if self._client is None:
            self._client = httpx.AsyncClient(timeout=_TIMEOUT, trust_env=False)
        self._under_way += 1
        try:
            return await self._client.request(method, url, headers=signed, content=content)
        finally:
            self._under_way -= 1
            await self._close_when_idle()

    async def _signed(
        self, method: str, url: str, content: bytes, headers: Mapping[str, str]
    ) -> dict[str, str]:
        """Returns all headers of the request, its signature among them."""
        split = urlsplit(url)
        digest = await asyncio.to_thread(lambda: hashlib.sha256(content).hexdigest())
        request = HttpRequest(
            method,
            f"{split.path}?{split.query}" if split.query else split.path,
            HttpHeaders([("host", split.netloc), *headers.items()]),
        )
        config = auth.AwsSigningConfig(
            credentials_provider=self._provider(),
            region=self._settings.region,
            service="s3",
            use_double_uri_encode=False,
            should_normalize_uri_path=False,
            signed_body_value=digest,
            signed_body_header_type=auth.AwsSignedBodyHeaderType.X_AMZ_CONTENT_SHA_256,
        )
        try:
            signed = await asyncio.wrap_future(auth.aws_sign_request(request, config))
        except Exception as error:  # awscrt raises one kind for all: here, no credentials found
            raise self._errors.of("AccessDenied", "", str(error)) from error
        return dict(signed.headers)

    def _provider(self) -> auth.AwsCredentialsProvider:
        if self._credentials is None:
            given = self._settings
            self._credentials = (
                auth.AwsCredentialsProvider.new_static(given.access_key_id, given.secret_access_key)
                if given.access_key_id
                else auth.AwsCredentialsProvider.new_default_chain()
            )
        return self._credentials


def _base_url(settings: S3Settings) -> str:
    endpoint = settings.endpoint or f"https://s3.{settings.region}.amazonaws.com"
    endpoint = endpoint.rstrip("/")
    if settings.path_style:
        return f"{endpoint}/{settings.bucket}"
    scheme, _, host = endpoint.partition("://")
    return f"{scheme}://{settings.bucket}.{host}"


def _query(query: Mapping[str, str]) -> str:
    said = (f"{quote(k, safe=_UNRESERVED)}={quote(v, safe=_UNRESERVED)}" for k, v in query.items())
    return "?" + "&".join(sorted(said)) if query else ""


def _xml(body: bytes) -> ElementTree.Element:
    try:
        return ElementTree.fromstring(body)
    except ElementTree.ParseError:
        return ElementTree.Element("none")
