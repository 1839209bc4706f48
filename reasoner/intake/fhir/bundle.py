"""A FHIR R4 Bundle in JSON, read within bounds: its resources, and what their references mean.

Nothing is fetched: a reference means a resource of the Bundle or a contained one, or nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from reasoner.errors import InputError, Problem, nearest_word, shown
from reasoner.intake.fhir.element import Element, Findings
from reasoner.intake.fhir.release import FHIR_R4_TYPES, mark_of_another_release

MAX_BYTES = 20_000_000
MAX_DEPTH = 60
"""How deep the JSON may nest; a Bundle as deep as FHIR's own examples needs about 20."""
MAX_ENTRIES = 5_000

_ID = re.compile(r"[A-Za-z0-9.-]{1,64}")


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource of the Bundle, or one contained in it.

    Attributes:
        kind: its type, such as ``Condition``.
        name: its type and id; where it has no id, its place in the Bundle.
        inside: the resource that contains it.
    """

    kind: str
    name: str
    element: Element
    inside: Resource | None = None

    @property
    def fact_id(self) -> str:
        """The name as an id of a case file: ``Condition-c1``."""
        return re.sub(r"[^A-Za-z0-9._-]+", "-", self.name)[:90]


class Bundle:
    """The resources of a Bundle, and a way from a reference to what it means."""

    def __init__(
        self, findings: Findings, resources: Iterable[tuple[str | None, Resource]]
    ) -> None:
        self.findings = findings
        self._by_address: dict[str, Resource] = {}
        self._of: dict[str, list[Resource]] = {}
        self._contained: dict[tuple[str, str], Resource] = {}
        for address, resource in resources:
            self._of.setdefault(resource.kind, []).append(resource)
            for known in filter(None, (address, resource.name)):
                self._by_address.setdefault(known, resource)
            for held in resource.element.many("contained"):
                self._contain(resource, held)

    def _contain(self, outer: Resource, held: Element) -> None:
        kind, own = held.text("resourceType"), held.text("id")
        if kind is None or own is None:
            self.findings.add(
                "A contained resource has no resourceType or no id.", held.path, node=outer.name
            )
            return
        name = f"{outer.name}#{own}"
        element = Element(held.value, held.path, name, self.findings)
        self._contained[outer.name, own] = Resource(kind, name, element, outer)

    def of(self, *kinds: str) -> Iterator[Resource]:
        """Give the resources of some types, in the order of the Bundle."""
        for kind in kinds:
            yield from self._of.get(kind, ())

    @property
    def kinds(self) -> dict[str, int]:
        """How many resources there are of each type."""
        return {kind: len(found) for kind, found in sorted(self._of.items())}

    def resolve(self, reference: Element, holder: Resource, *kinds: str) -> Resource | None:
        """Give what a reference means; None where that is not in the Bundle.

        Args:
            reference: the Reference.
            holder: the resource that it stands in.
            kinds: the types that it may point to; a problem is kept if it points to another.
        """
        text = reference.text("reference")
        if text is None:
            return None
        if text.startswith("#"):
            outer = holder.inside or holder
            found = outer if text == "#" else self._contained.get((outer.name, text[1:]))
            if found is None:
                self.findings.add(
                    f"Nothing that {shown(outer.name)} contains is named so.",
                    f"{reference.path}.reference",
                    node=holder.name,
                    expected="the id of a contained resource",
                    nearest=nearest_word(
                        text[1:], [o for n, o in self._contained if n == outer.name]
                    ),
                )
                return None
        else:
            plain = text.split("/_history/")[0].split("#")[0]
            short = "/".join(plain.rsplit("/", 2)[-2:])
            found = self._by_address.get(plain) or (
                self._by_address.get(short) if short.split("/")[0] in FHIR_R4_TYPES else None
            )
        if found is not None and kinds and found.kind not in kinds:
            self.findings.add(
                f"It points to {shown(found.name)}.",
                f"{reference.path}.reference",
                node=holder.name,
                expected="a " + " or a ".join(kinds),
            )
            return None
        return found

    def require(self, reference: Element, holder: Resource, *kinds: str) -> Resource | None:
        """Give what a reference means; what is not in the Bundle is a problem."""
        before = len(self.findings.problems)
        found = self.resolve(reference, holder, *kinds)
        if found is None and len(self.findings.problems) == before:
            text = reference.text("reference")
            told = "It names nothing." if text is None else f"{shown(text)} is not in the Bundle."
            known = [r.name for r in self.of(*kinds)]
            self.findings.add(
                told,
                f"{reference.path}.reference",
                node=holder.name,
                expected=f"the address of a {' or a '.join(kinds)} of the Bundle",
                nearest=None if text is None else nearest_word(text, known),
            )
        return found


def looks_like_json(data: bytes) -> bool:
    """Tell whether a file can only be meant as JSON."""
    return data[:64].lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"["))


def parse_bundle(data: bytes, file: str) -> Bundle:
    """Read a Bundle.

    Args:
        data: the JSON, in UTF-8.
        file: the file, as the user named it.

    Raises:
        InputError: with every problem of the file, each with the path of the element: no JSON,
            no Bundle, another release of FHIR, too large, too deep, or two resources of one name.
    """
    findings = Findings(file)
    content = _json(data, file)
    whole = Element(content, "Bundle", "Bundle", findings)
    kind = content.get("resourceType")
    if kind != "Bundle":
        raise InputError(
            [
                Problem(
                    f"This is a {shown(kind)[1:-1]}."
                    if isinstance(kind, str)
                    else "This is JSON, and no resource.",
                    file,
                    key="resourceType",
                    expected="a FHIR R4 Bundle that holds the Patient, the request and the records",
                    nearest=nearest_word(kind, ["Bundle"]) if isinstance(kind, str) else None,
                )
            ]
        )
    entries = whole.many("entry")
    if len(entries) > MAX_ENTRIES:
        raise InputError(
            [
                Problem(
                    f"The Bundle has {len(entries):,} entries.",
                    file,
                    key="Bundle.entry",
                    expected=f"at most {MAX_ENTRIES:,}",
                )
            ]
        )
    _refuse_other_release(whole, findings)
    resources = list(_resources(entries, findings))
    bundle = Bundle(findings, resources)
    findings.raise_any()
    return bundle


def _resources(entries: list[Element], findings: Findings) -> Iterator[tuple[str | None, Resource]]:
    seen: dict[str, str] = {}
    for place, entry in enumerate(entries):
        held = entry.one("resource")
        if held is None:
            continue
        kind = held.text("resourceType") or ""
        if kind not in FHIR_R4_TYPES:
            findings.add(
                f"{shown(kind)} is no resource type of FHIR R4." if kind else "It has no type.",
                f"{held.path}.resourceType",
                expected="a resource of FHIR R4 (4.0.1)",
                nearest=nearest_word(kind, FHIR_R4_TYPES),
            )
            continue
        own, address = held.text("id"), entry.text("fullUrl")
        if own is not None and not _ID.fullmatch(own):
            findings.add(
                f"{shown(own)} is no id.", f"{held.path}.id",
                expected="letters, digits, dashes and dots, at most 64",
            )  # fmt: skip
            own = None
        if own is None and address is not None and address.startswith("urn:uuid:"):
            own = address.removeprefix("urn:uuid:")[:64]
        name = f"{kind}/{own or f'entry-{place}'}"
        if name in seen:
            findings.add(
                f"Two resources are {shown(name)}; the other is {seen[name]}.",
                held.path,
                expected="one version of each resource",
            )
            continue
        seen[name] = held.path
        element = Element(held.value, held.path, name, findings)
        _refuse_other_release(element, findings)
        yield address, Resource(kind, name, element)


def _refuse_other_release(element: Element, findings: Findings) -> None:
    mark = mark_of_another_release(element.value)
    if mark is not None:
        key, release = mark
        findings.add(
            f"This is FHIR {release}.", f"{element.path}.{key}", node=element.node,
            expected="FHIR R4 (4.0.1)",
        )  # fmt: skip


def _json(data: bytes, file: str) -> dict[str, Any]:
    def fail(message: str, expected: str | None = None, line: int | None = None) -> InputError:
        return InputError([Problem(message, file, line, expected=expected)])

    if len(data) > MAX_BYTES:
        raise fail(f"The file has over {MAX_BYTES // 1_000_000} MB.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise fail("The JSON is not in UTF-8.", "JSON in UTF-8") from error
    deep = _too_deep(text)
    if deep is not None:
        raise fail(f"The JSON nests deeper than {MAX_DEPTH} levels.", "a FHIR R4 Bundle", deep)

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            keys = [key for key, _ in pairs]
            twice = next(key for key in keys if keys.count(key) > 1)
            raise fail(f"The key {shown(twice)} stands twice in one object.", "it once")
        return found

    def constant(name: str) -> Any:
        raise fail(f"{name} is no number of JSON.", "a number or null")

    try:
        content = json.loads(
            text, parse_float=Decimal, parse_constant=constant, object_pairs_hook=once
        )
    except json.JSONDecodeError as error:
        raise fail(f"The JSON is malformed: {error.msg}.", None, error.lineno) from error
    except (ValueError, ArithmeticError) as error:  # a number of thousands of digits
        raise fail("The JSON holds a number that cannot be read.") from error
    if not isinstance(content, dict):
        raise fail("A list stands where a Bundle belongs.", "a FHIR R4 Bundle")
    return content


_BRACKET = re.compile(r'"(?:[^"\\]|\\.)*"?|[\[{\]}]', re.DOTALL)


def _too_deep(text: str) -> int | None:
    """Give the line at which the JSON nests too deep, before a parser has to follow it there."""
    depth = 0
    for match in _BRACKET.finditer(text):
        sign = match[0]
        if sign in ("[", "{"):
            depth += 1
            if depth > MAX_DEPTH:
                return text.count("\n", 0, match.start()) + 1
        elif sign in ("]", "}"):
            depth -= 1
    return None
