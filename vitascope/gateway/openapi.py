"""The OpenAPI document: generated from the routes, then told what every route may answer."""

from litestar import Litestar, MediaType
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import (
    Components,
    OpenAPIMediaType,
    OpenAPIResponse,
    Operation,
    PathItem,
    Reference,
    Schema,
    SecurityScheme,
)
from litestar.openapi.spec.enums import OpenAPIType

from vitascope import __version__
from vitascope.engines.http import PROBLEM_TYPE

_ALWAYS = {
    400: "The request is not valid: `invalid`; `errors` points at the fields.",
    401: "No access token, or one that is no longer valid.",
    403: "Not for this account or profile.",
    413: "The body is too large.",
    429: "Too many requests; `Retry-After` tells how long to wait.",
    500: "An error on our side; `request_id` finds it in the logs.",
    503: "A part of the service is away; try again.",
    504: "It took too long.",
}
_SCHEMA = "Problem"


def document() -> OpenAPIConfig:
    bearer = SecurityScheme(type="http", scheme="bearer", bearer_format="JWT")
    return OpenAPIConfig(
        title="Vitascope",
        version=__version__,
        description="Everything that the web app, the command line and players use.",
        path="/api/openapi.json",
        render_plugins=[JsonRenderPlugin(path="/", media_type=MediaType.JSON)],
        use_handler_docstrings=True,
        components=Components(
            security_schemes={"access_token": bearer}, schemas={_SCHEMA: _problem()}
        ),
        security=[{}, {"access_token": []}],
    )


def complete(app: Litestar) -> None:
    """Add to every operation what the gateway, Litestar and the service may refuse with."""
    for item in (app.openapi_schema.paths or {}).values():
        for operation in _operations(item):
            responses = operation.responses or {}
            for status, text in _ALWAYS.items():
                if status == 413 and operation.request_body is None:
                    continue
                before = responses.get(str(status))
                said = before.description if isinstance(before, OpenAPIResponse) else None
                known = said if said and said.startswith("`") else None
                responses[str(status)] = _refusal(f"{known}. {text}" if known else text)
            for status_code, response in responses.items():
                if int(status_code) >= 400 and isinstance(response, OpenAPIResponse):
                    response.content = {PROBLEM_TYPE: _by_reference()}
            operation.responses = dict(sorted(responses.items()))


def _operations(item: PathItem) -> list[Operation]:
    verbs = (item.get, item.put, item.post, item.delete, item.patch, item.head, item.options)
    return [operation for operation in verbs if operation is not None]


def _refusal(text: str) -> OpenAPIResponse:
    return OpenAPIResponse(description=text, content={PROBLEM_TYPE: _by_reference()})


def _by_reference() -> OpenAPIMediaType:
    return OpenAPIMediaType(schema=Reference(ref=f"#/components/schemas/{_SCHEMA}"))


def _problem() -> Schema:
    text, number = Schema(type=OpenAPIType.STRING), Schema(type=OpenAPIType.INTEGER)
    return Schema(
        title=_SCHEMA,
        description="RFC 9457. Errors may have members of their own beside these.",
        type=OpenAPIType.OBJECT,
        required=["type", "title", "status", "detail", "code", "request_id"],
        properties={
            "type": text,
            "title": text,
            "status": number,
            "detail": text,
            "code": text,
            "request_id": text,
        },
        additional_properties=True,
    )
