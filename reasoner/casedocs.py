"""What is published of the case file, made from ``shapes/case.ttl``.

    python -m reasoner.casedocs

writes the JSON-LD context, the JSON Schema and the reference into the source tree; a test holds
the three to the shapes.
"""

from __future__ import annotations

import json
from pathlib import Path

from rdflib import XSD, URIRef
from rdflib.namespace import SKOS

from reasoner.caseformat import Form, Key
from reasoner.casereader import CONTEXT_IRI
from reasoner.errors import KnowledgeError
from reasoner.knowledge import Knowledge, load_knowledge
from reasoner.quantities import units_of
from reasoner.terms import BASE, CLINICAL, CORE, local_name
from reasoner.wording import takes

SMALL = 40
"""Up to how many concepts are listed one by one; a longer list is the vocabulary's own page."""

_LOWER_CASE = {"present": CORE.Present, "absent": CORE.Absent}
_DATE = r"^(19|2[01])[0-9]{2}-[0-9]{2}-[0-9]{2}$"
_ID = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$"


def _short(iri: URIRef) -> str:
    for prefix, base in (("core", CORE), ("clinical", CLINICAL), ("xsd", XSD)):
        if iri.startswith(str(base)):
            return f"{prefix}:{iri.removeprefix(str(base))}"
    return str(iri)


def _term(key: Key) -> object:
    """Define a key in the context."""
    if key.kind == "class":
        return "@type"
    term: dict[str, object] = {"@id": _short(key.path)}
    if key.kind == "individual":
        term["@type"] = "@vocab"
    elif key.kind == "reference":
        term["@type"] = "@id"
    elif key.datatype is not None:
        term["@type"] = _short(key.datatype)
    if key.most is None:
        term["@container"] = "@set"
    return term


def context(knowledge: Knowledge) -> dict[str, object]:
    """Make the JSON-LD context of a case file.

    What is not a key stands in the clinical vocabulary, so that a misspelt key turns into a
    property that a case does not have, instead of into nothing.

    Raises:
        KnowledgeError: if two forms use one key for different properties.
    """
    terms: dict[str, object] = {
        "@version": 1.1,
        "@vocab": str(CLINICAL),
        "core": str(CORE),
        "clinical": str(CLINICAL),
        "xsd": str(XSD),
        "id": "@id",
    }
    concepts: set[URIRef] = set()
    for form in knowledge.case_format.values():
        for key in form.keys.values():
            concepts.update(t for t in takes(key, knowledge) if t in CORE)
            term = _term(key)
            if terms.setdefault(key.name, term) != term:
                raise KnowledgeError(f"the key {key.name} of shapes/case.ttl has two meanings")
    names = {local_name(t): _short(t) for t in concepts}
    names |= {word: _short(t) for word, t in _LOWER_CASE.items()}
    terms.update(sorted(names.items()))
    return {"@context": terms}


def _value_schema(key: Key, knowledge: Knowledge) -> dict[str, object]:
    """Describe one value of a key."""
    if key.kind == "form":
        form: dict[str, object] = {"$ref": f"#/$defs/{key.form}"}
        return {"anyOf": [form, {"type": "string"}]} if key.form == "ingredient" else form
    if key.kind in ("individual", "class"):
        names = [local_name(t) for t in takes(key, knowledge)]
        if len(names) > SMALL:
            return {"$ref": f"#/$defs/{_list_name(key)}"}
        if key.path == CORE.status:
            names = [*_LOWER_CASE, *names]
        return {"enum": names}
    if key.kind in ("integer", "decimal"):
        number: dict[str, object] = {"type": "integer" if key.kind == "integer" else "number"}
        if key.lowest is not None:
            number["minimum"] = int(key.lowest)
        if key.highest is not None:
            number["maximum"] = int(key.highest)
        return number
    if key.kind == "quantity":
        units = "|".join(units_of(key.unit_kind or ""))
        return {"type": "string", "pattern": rf"^\s*[0-9]{{1,9}}(\.[0-9]{{1,6}})?\s*({units})\s*$"}
    plain: dict[str, dict[str, object]] = {
        "boolean": {"type": "boolean"},
        "date": {"type": "string", "format": "date", "pattern": _DATE},
        "reference": {"type": ["string", "integer"], "pattern": _ID},
        "string": {"type": ["string", "number"], "maxLength": key.longest},
    }
    return plain[key.kind]


def _list_name(key: Key) -> str:
    return f"any-{local_name(str(key.of))}"


def _concept_lists(knowledge: Knowledge) -> dict[str, object]:
    """List the concepts of each kind that has many, with what editors show beside a completion.

    ``enumDescriptions`` is an annotation that the language servers of JSON and YAML know.
    """
    lists: dict[str, object] = {}
    for form in knowledge.case_format.values():
        for key in form.keys.values():
            among = takes(key, knowledge)
            if len(among) > SMALL and key.of is not None:
                kind = knowledge.concepts.label(key.of)
                lists[_list_name(key)] = {
                    "title": "concept" if key.of == CORE.Documentable else kind,
                    "enum": [local_name(term) for term in among],
                    "enumDescriptions": [_described(term, knowledge) for term in among],
                }
    return lists


def _described(term: URIRef, knowledge: Knowledge) -> str:
    """Say what a concept is, and by which words records call it."""
    graph = knowledge.vocabulary
    definition = str(graph.value(term, SKOS.definition) or knowledge.concepts.label(term))
    words = sorted({str(label) for label in graph.objects(term, SKOS.altLabel)})
    return definition + (f" In records: {', '.join(words)}." if words else "")


def _form_schema(form: Form, knowledge: Knowledge) -> dict[str, object]:
    properties: dict[str, object] = {}
    required = []
    if form.takes_id:
        properties["id"] = {
            "type": ["string", "integer"],
            "pattern": _ID,
            "description": f"A name for {form.label}.",
        }
    if form.name == "case":
        properties["@context"] = {"const": CONTEXT_IRI, "description": "Makes the file YAML-LD."}
        required.append("id")
    for key in form.keys.values():
        one = _value_schema(key, knowledge)
        least = {"minItems": key.least} if key.least else {}
        value = one if key.most == 1 else {"anyOf": [one, {"type": "array", "items": one, **least}]}
        properties[key.name] = {"description": key.description, **value}
        if (key.least or key.kind == "class") and key.path != CORE.status:
            required.append(key.name)
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def schema(knowledge: Knowledge) -> dict[str, object]:
    """Make the JSON Schema of a case file, for editors that complete and check while one types.

    It is stricter than the reader in letter case and in quoted numbers, and does not know which
    ids a file gives; the reader has the last word.
    """
    forms = {name: _form_schema(form, knowledge) for name, form in knowledge.case_format.items()}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": BASE + "schema/case.schema.json",
        "title": "MTUS case file",
        "description": "One injured worker's dispute: records, facts and requests.",
        **forms.pop("case"),
        "$defs": dict(sorted((forms | _concept_lists(knowledge)).items())),
    }


_TAKES = {
    "boolean": "`true` or `false`",
    "date": "a date, `2014-08-19`",
    "decimal": "a number",
    "integer": "a whole number",
    "string": "text",
}


def takes_in_words(key: Key, knowledge: Knowledge) -> str:
    """Say what a key takes, for the reference."""
    if key.kind == "form":
        form = knowledge.case_format[key.form or ""]
        return f"the keys of [{form.label}](#{form.label.replace(' ', '-')})"
    if key.kind == "quantity":
        units = ", ".join(f"`{unit}`" for unit in units_of(key.unit_kind or ""))
        return f"a number with a unit: {units}"
    if key.kind == "reference" and key.of is not None:
        return f"the id of a {knowledge.concepts.label(key.of)}"
    among = takes(key, knowledge)
    if among and key.of is not None:
        if len(among) <= SMALL:
            return ", ".join(f"`{local_name(t)}`" for t in among)
        kind = "concept" if key.of == CORE.Documentable else knowledge.concepts.label(key.of)
        return f"a {kind} of the clinical vocabulary"
    plain = _TAKES[key.kind]
    if key.lowest is not None and key.highest is not None:
        plain += f", {int(key.lowest)} to {int(key.highest)}"
    return plain


def times_in_words(key: Key) -> str:
    """Say how often a key may stand, for the reference."""
    if key.path == CORE.status:
        return "at most one"
    if key.most == 1:
        return "one" if key.least or key.kind == "class" else "at most one"
    return "one or more" if key.least else "any number"


_INTRODUCTION = f"""# The case file

This page is made from `shapes/case.ttl` by `python -m reasoner.casedocs`.

A case file is YAML. It says who is hurt, what the records document, what is asked for and what
utilization review decided. `docs/examples` holds whole ones.

## Completions in an editor

    mtus schema -o case.schema.json

writes the JSON Schema of the case file. An editor with a YAML language server (VS Code with the
YAML extension, Neovim, Emacs, Helix, IntelliJ) then completes keys and all names of the vocabulary,
shows what each means, and marks what is wrong while you type, if the case file begins

    # yaml-language-server: $schema=case.schema.json

`mtus intake -o case.yaml` writes that line where `case.schema.json` lies beside the case file. The
schema's name, `{BASE}schema/case.schema.json`, is a name and not a place to fetch it from. The
schema knows neither the ids of a file nor how dates agree: `mtus determine` has the last word.

## How it is read

- Every problem of a file is told at once, with its line, its key, what was expected and the
  nearest known word. A file with a problem is not adjudicated in part.
- A key that takes any number of values takes one value, or a list of them.
- Concepts are written by their names in the vocabulary, letter case aside. The words that
  records use ("neck", "PT") are not taken for one, but the concept that they mean is offered.
- Values are read as they are written: `017`, `0x1F` and `1:30` are not numbers, and `yes` as a
  text wants quotes. Control characters are refused.
- Anchors, aliases, tags and second documents are refused, and so are files over 5 MB.
- An id is made of letters, digits, dots, dashes and underscores. Records, facts and requests
  can have one; a record that a fact names has to.
- `agents: [Lidocaine]` is short for `agents: [{{is: Lidocaine}}]`.
- Dates have to agree. The injury is not later than the request or the review, a request not
  later than the review of it. A fact does not begin after the last record of it, nor happen
  after both that record and the request. Where a record bears no date, the request sets the
  bound. A record may be younger than the review. What "today" is does not count.

## Other formats

Turtle (`.ttl`), TriG (`.trig`), N-Triples (`.nt`), N-Quads (`.nq`), JSON-LD (`.jsonld`) and
RDF/XML (`.rdf`, `.xml`, `.owl`) are read too, with the properties that stand behind the keys.
The case is the one node of the type `core:Case`, or the one with records, facts or requests; its
IRI is `{BASE}case/` and its id. Nothing is fetched: no remote context, no import, no entity.

The JSON-LD context is `{CONTEXT_IRI}`, in the source tree
`ontology/case-context.jsonld`. With it, a case file is a JSON-LD document, and the reader gives
the triples that a JSON-LD processor gives (with `{BASE}case/` as the base), once they are
normal:

- ids of records, facts and requests are fragments of the case: `pr2` is `<case/ID#pr2>`;
- what has no id is named by its form and its place in the list, `<case/ID#fact-1>`;
- each thing has the type of its form beside its kind, `core:Fact` beside `clinical:Tenderness`;
- what stands in a list has its place, `core:position`; RDF without positions is put in the
  order of names, and blank nodes in an order that depends on what they state alone;
- a fact without a status is present;
- a concept is written with the letter case of the vocabulary, a quantity with single spaces,
  and an ingredient as a node.
"""


def reference(knowledge: Knowledge) -> str:
    """Make the reference of the case file, in Markdown."""
    parts = [_INTRODUCTION]
    for form in knowledge.case_format.values():
        rows = [
            "| key | takes | how often | meaning | property |",
            "| --- | --- | --- | --- | --- |",
        ]
        if form.takes_id:
            often = "one" if form.name == "case" else "at most one"
            rows.append(f"| `id` | an id | {often} | A name for {form.label}. | |")
        rows.extend(
            f"| `{key.name}` | {takes_in_words(key, knowledge)} | {times_in_words(key)} |"
            f" {key.description} |"
            f" {'the type' if key.kind == 'class' else f'`{_short(key.path)}`'} |"
            for key in form.keys.values()
        )
        title = f"{form.label[:1].upper()}{form.label[1:]}"
        parts.append(f"## {title}\n\n" + "\n".join(rows) + "\n")
    return "\n".join(parts)


def documents(knowledge: Knowledge) -> dict[str, str]:
    """Give every document that is made from the shapes, by its path in the source tree."""

    def as_json(value: object) -> str:
        return json.dumps(value, indent=2, ensure_ascii=False) + "\n"

    return {
        "docs/case-file.md": reference(knowledge),
        "docs/schema/case.schema.json": as_json(schema(knowledge)),
        "ontology/case-context.jsonld": as_json(context(knowledge)),
    }


def main() -> None:
    """Write every document into the source tree."""
    root = Path(__file__).resolve().parent.parent
    for path, text in documents(load_knowledge()).items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
