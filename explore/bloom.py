"""The perspective of Neo4j Bloom: categories, captions, colours, search phrases, scene actions.

Format 2.3.0, or 2.7.0 with rules of style. Bloom upgrades older formats when it imports them.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .. import cypher
from ..graph.contract import RUN_PROPERTIES
from .bloom_queries import Tried
from .look import GREY, LARGE, PALE, LineLook, NodeLook, darker, line_looks, node_looks
from .queries import sentence
from .schema import Kinds, Label, LiveSchema

PLAIN, WITH_RULES = "2.3.0", "2.7.0"

_KINDS = {
    "INTEGER": "bigint",
    "FLOAT": "number",
    "STRING": "string",
    "BOOLEAN": "boolean",
    "DATE": "Date",
    "ZONED DATETIME": "DateTime",
    "LOCAL DATETIME": "LocalDateTime",
}
_PARAMETER_KINDS = {"bigint": "Integer", "number": "Float", "boolean": "Boolean"}
_ASKED = {"user": "User", "item": "Item", "other": "Item", "entity": "Entity"}
_SHOWN_OF_RUNS = {"runId", "model", "protocol", "status", "label", "auditPassed", "createdAt"}
_TYPE_CAPTION = "0_REL_TYPE_CAPTION_KEY"
_NAME_CAPTION = "0_CATEGORY_NAME_CAPTION_KEY"


def perspective(
    schema: LiveSchema, tried: Tried, indexes: Iterable[Mapping[str, Any]], made: int, rules: bool
) -> str:
    """The file's text.

    :param indexes: rows of ``stats/indexes``.
    :param made: when it is made, in epoch milliseconds.
    :param rules: with rules of style, which Bloom knows from 2.6 on.
    """
    looks = {one.label: one for one in node_looks(schema)}
    categories = [
        _category(number, one, looks[one.name], made)
        for number, one in enumerate(shown_labels(schema), 1)
    ]
    lines = {one.type: one for one in line_looks(schema)}
    value: dict[str, Any] = {
        "name": "reelgraph",
        "id": str(uuid.uuid5(uuid.NAMESPACE_URL, "reelgraph")),
        "version": WITH_RULES if rules else PLAIN,
        "createdAt": made,
        "lastEditedAt": made,
        "categories": categories,
        "labels": {one.name: _declared(one.name, one.properties) for one in schema.labels},
        "relationshipTypes": [
            _relationship_type(lines[one.name], one.properties) for one in schema.types
        ],
        "palette": {"colors": _palette(looks.values()), "currentIndex": len(categories) % 14},
        "templates": [
            _phrase(one, schema, made + number) for number, one in enumerate(tried.phrases)
        ],
        "sceneActions": [_action(one, made) for one in tried.actions],
        "hiddenRelationshipTypes": [one.name for one in schema.types if one.is_own],
        "hiddenCategories": [],
        "hideUncategorisedData": True,
        "isAuto": False,
        "parentPerspectiveId": None,
        "metadata": _metadata(schema, indexes, rules),
    }
    if rules:
        _add_rules(value, made)
    else:
        value["history"] = []
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def shown_labels(schema: LiveSchema) -> list[Label]:
    """Labels that are categories, the most special first: a director before a person.

    A role is one only where its nodes have no label of the domain; of what reelgraph keeps for
    itself only runs are.
    """
    domain = [one for one in schema.labels if not (one.is_role or one.is_own)]
    bare = [
        one
        for one in schema.labels
        if one.is_role and not any(one.name in other.roles for other in domain)
    ]
    runs = [one for one in schema.labels if one.name == "Run"]
    return [*sorted(domain, key=lambda one: one.nodes), *bare, *runs]


def _category(number: int, label: Label, look: NodeLook, made: int) -> dict[str, Any]:
    return {
        "id": number,
        "name": label.name,
        "labels": [label.name],
        "properties": [
            {"name": name, "exclude": _is_hidden(label, name), "dataType": data_type(kinds)}
            for name, kinds in sorted(label.properties.items())
        ],
        "createdAt": made,
        "lastEditedAt": made,
        "color": look.color,
        "size": 2 if look.diameter == LARGE else 1,
        "icon": "no-icon",
        "captionKeys": [look.caption or _NAME_CAPTION],
    }


def _is_hidden(label: Label, name: str) -> bool:
    """What is no fact about a node: vectors, figures of graph jobs, the bookkeeping of runs."""
    if label.name == "Run":
        return name not in _SHOWN_OF_RUNS and not name.endswith("At10")
    is_list = data_type(label.properties[name]) == "array"
    return is_list or name in RUN_PROPERTIES or name.startswith(("train", "embedding"))


def _relationship_type(look: LineLook, properties: Kinds) -> dict[str, Any]:
    captions = [name for name in ("rating", "rank") if f"{{{name}}}" in look.caption]
    return {
        "id": look.type,
        "name": look.type,
        "properties": _declared(look.type, properties),
        "color": look.color,
        "size": look.width,
        "captionKeys": captions or [_TYPE_CAPTION],
    }


def _phrase(query: cypher.Statement, schema: LiveSchema, made: int) -> dict[str, Any]:
    return {
        "name": sentence(query.purpose),
        "id": f"tmpl:{made}",
        "createdAt": made,
        "text": query.phrase,
        "cypher": query.text,
        "params": [_parameter(one, schema) for one in query.parameters],
        "isUpdateQuery": None,
        "hasCypherErrors": False,
    }


def _parameter(parameter: cypher.Parameter, schema: LiveSchema) -> dict[str, Any]:
    """With suggestions from the graph, where a node is meant."""
    role = _ASKED.get(parameter.name)
    label = schema.label(role) if role else None
    key = _key(label) if label else None
    kind = data_type(label.properties[key]) if label and key else data_type(parameter.types)
    return {
        "name": f"${parameter.name}",
        "dataType": _PARAMETER_KINDS.get(kind, "String"),
        "collapsed": False,
        "suggestionLabel": label.name if key and label else None,
        "suggestionProp": key,
        "suggestionBoolean": False,
        "cypher": None,
    }


def _key(label: Label) -> str | None:
    """The property by which people name a node: users by number, all others by title or name."""
    names = ("userId",) if label.name == "User" else ("title", "name", "itemId", "entityId")
    return next((name for name in names if name in label.properties), None)


def _action(query: cypher.Statement, made: int) -> dict[str, Any]:
    title = query.id.rpartition("/")[2].replace("_", " ").capitalize()
    return {
        "name": title,
        "id": str(uuid.uuid5(uuid.NAMESPACE_URL, query.id)),
        "createdAt": made,
        "cypher": query.text,
        "isUpdateQuery": None,
        "categories": None,
        "relationshipTypes": None,
        "hasCypherErrors": False,
    }


def _metadata(
    schema: LiveSchema, indexes: Iterable[Mapping[str, Any]], rules: bool
) -> dict[str, Any]:
    segments = [
        {"source": start, "relationshipType": one.name, "target": end}
        for one in schema.types
        for start, end in sorted(one.ends)
    ]
    native = [row for row in indexes if row["type"] == "RANGE" and row["labels"]]
    return {
        "pathSegments": segments,
        "indexes": [
            {
                "label": row["labels"][0],
                "type": "native",
                "propertyKeys": [
                    {"key": key, "metadataProp": False} if rules else key
                    for key in row["properties"]
                ],
            }
            for row in native
        ],
        "stats": {"labels": {}, "relationshipTypes": {}},
    }


def _add_rules(value: dict[str, Any], made: int) -> None:
    """Larger nodes for what has more neighbours, red for runs that failed their audit."""
    for number, category in enumerate(value["categories"]):
        kinds = {one["name"]: one["dataType"] for one in category["properties"]}
        found = []
        if "trainDegree" in kinds:
            found.append(_size_by("trainDegree", kinds["trainDegree"], made + number))
        if kinds.get("auditPassed") == "boolean":
            found.append(_failed(made + number))
        category["styleRules"] = found


_RULE: Mapping[str, Any] = {
    "applyColor": False,
    "applySize": False,
    "applyCaption": False,
    "condition": "equals",
    "conditionValue": None,
    "rangeValue": None,
    "color": GREY,
    "size": 1,
    "minColor": "#D5EEE2",
    "midColor": "#81CCA8",
    "maxColor": "#428C6A",
    "minSize": 1,
    "maxSize": 3,
    "minPoint": "unprocessed",
    "maxPoint": "unprocessed",
    "captionKeys": [_NAME_CAPTION],
    "valuesMapper": [],
    "existingValues": [],
    "isTimeZoneConvertEnabled": False,
    "selectedTimeZone": "Z",
}


def _size_by(name: str, kind: str, made: int) -> dict[str, Any]:
    basis = {"type": "range", "basedOn": f"{name}_{kind}"}
    return {**_RULE, **basis, "id": f"rule:{made}", "applySize": True}


def _failed(made: int) -> dict[str, Any]:
    basis = {"type": "single", "basedOn": "auditPassed_boolean", "conditionValue": False}
    return {**_RULE, **basis, "id": f"rule:{made}", "applyColor": True, "color": "#D55E00"}


def data_type(kinds: Sequence[str]) -> str:
    """Bloom's name for the kind of a property's values; text where they differ."""
    found = {"array" if one.startswith("LIST") else _KINDS.get(one, "string") for one in kinds}
    return found.pop() if len(found) == 1 else "string"


def _declared(owner: str, properties: Kinds) -> list[dict[str, str]]:
    return [
        {"propertyKey": name, "type": owner, "dataType": data_type(kinds)}
        for name, kinds in sorted(properties.items())
    ]


def _palette(looks: Iterable[NodeLook]) -> list[str]:
    """Fourteen colours, which Bloom offers for more categories."""
    used = list(dict.fromkeys(look.color for look in looks if look.color != PALE))
    return [*used, *(darker(color) for color in used), *["#848484"] * 14][:14]
