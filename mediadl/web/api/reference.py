"""Makes a page for people of the OpenAPI document: plain HTML, no script, nothing from elsewhere."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from html import escape
from typing import Any

STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #8882; --accent: #2563eb }
@media (prefers-color-scheme: dark) { :root { --accent: #7aa2f7 } }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 60rem; padding: 1rem }
code, pre { font-family: ui-monospace, monospace; font-size: .92em }
pre { background: var(--soft); padding: .6rem .8rem; overflow-x: auto; border-radius: .4rem }
a { color: var(--accent) }
nav ul { columns: 3 12rem; padding: 0; list-style: none }
section { border-top: 1px solid var(--line); margin-top: 1.5rem }
details { border: 1px solid var(--line); border-radius: .4rem; margin: .5rem 0; padding: .3rem .8rem }
summary { cursor: pointer }
summary b { display: inline-block; min-width: 4.2rem }
table { border-collapse: collapse; width: 100%; display: block; overflow-x: auto }
td, th { border-bottom: 1px solid var(--line); padding: .25rem .6rem .25rem 0; text-align: left; vertical-align: top }
"""

_MOST_DEPTH = 3


def page(document: dict[str, Any]) -> str:
    """The whole page."""
    schemas = document["components"]["schemas"]
    by_tag: dict[str, list[str]] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            for tag in operation.get("tags", ["other"]):
                by_tag.setdefault(tag, []).append(_operation(path, method, operation, schemas))
    words = {tag["name"]: tag["description"] for tag in document["tags"]}
    parts = [
        f'<section id="{escape(tag)}"><h2>{escape(tag)}</h2><p>{escape(words.get(tag, ""))}</p>'
        f"{''.join(found)}</section>"
        for tag, found in by_tag.items()
    ]
    links = "".join(f'<li><a href="#{escape(tag)}">{escape(tag)}</a></li>' for tag in by_tag)
    info = document["info"]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{escape(info["title"])} API</title><link rel="stylesheet" href="/api/docs/style.css"></head><body>'
        f"<h1>{escape(info['title'])} API {escape(info['version'])}</h1>{_prose(info['description'])}"
        '<p><a href="/api/v1/openapi.json">OpenAPI 3.1 document</a></p>'
        f"<nav><ul>{links}</ul></nav>{''.join(parts)}</body></html>"
    )


def _operation(path: str, method: str, operation: dict[str, Any], schemas: dict[str, Any]) -> str:
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    parts: list[str] = []
    if parameters := operation.get("parameters"):
        rows = [
            (one["name"], one["in"], _kind(one["schema"]), "yes" if one.get("required") else "",
             one.get("description", ""))
            for one in parameters
        ]  # fmt: skip
        parts.append(_table(("name", "in", "type", "needed", "what"), rows))
    if body is not None:
        parts.append("<h4>Body</h4>" + _fields(_resolved(body, schemas)))
        parts.append(f"<pre>{escape(_json(_example(body, schemas)))}</pre>")
    for status, answer in operation["responses"].items():
        for media_type, content in answer.get("content", {}).items():
            parts.append(f"<h4>{escape(status)} <code>{escape(media_type)}</code></h4>")
            if "json" in media_type:
                example = _example(content.get("schema", {}), schemas)
                parts.append(f"<pre>{escape(_json(example))}</pre>")
    return (
        f"<details><summary><b>{method.upper()}</b> <code>{escape(path)}</code> "
        f"<br>{_inline(operation.get('description', ''))}</summary>{''.join(parts)}</details>"
    )


def _fields(schema: dict[str, Any]) -> str:
    needed = set(schema.get("required", ()))
    rows = [
        (name, _kind(one), "yes" if name in needed else "", one.get("description", ""))
        for name, one in schema.get("properties", {}).items()
    ]
    return _table(("name", "type", "needed", "what"), rows)


def _table(heads: tuple[str, ...], rows: Sequence[tuple[object, ...]]) -> str:
    head = "".join(f"<th>{escape(one)}</th>" for one in heads)
    lines = "".join(
        "<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>" for row in rows
    )
    return f"<table><tr>{head}</tr>{lines}</table>"


def _kind(schema: dict[str, Any]) -> str:
    """A type in a few words."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(_kind(one) for one in schema["anyOf"]))
    if "enum" in schema:
        return " | ".join(str(one) for one in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    return str(schema.get("format") or schema.get("const") or schema.get("type") or "any")


def _resolved(schema: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        found: dict[str, Any] = schemas[str(schema["$ref"]).rpartition("/")[2]]
        return found
    return schema


def _example(schema: dict[str, Any], schemas: dict[str, Any], depth: int = 0) -> Any:
    """A value of the schema's shape."""
    schema = _resolved(schema, schemas)
    if "default" in schema and schema["default"] not in ({}, None):
        return schema["default"]
    if "anyOf" in schema:
        return _example(schema["anyOf"][0], schemas, depth)
    if "enum" in schema:
        return schema["enum"][0]
    match schema.get("type"):
        case "object" if depth < _MOST_DEPTH:
            return {k: _example(v, schemas, depth + 1) for k, v in schema.get("properties", {}).items()}
        case "array" if depth < _MOST_DEPTH:
            return [_example(schema.get("items", {}), schemas, depth + 1)]
        case "object":
            return {}
        case "array":
            return []
    return {"integer": 1, "number": 1.5, "boolean": False, "string": "…"}.get(str(schema.get("type")))


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


def _prose(text: str) -> str:
    return "".join(f"<p>{_inline(part)}</p>" for part in text.split("\n\n"))


def _inline(text: str) -> str:
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))
