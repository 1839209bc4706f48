"""The tables of a chunk as columns: cases, their nodes, and what is stated of those.

A case is known by its place among the chunk's cases, a node by its number within its case. What is
not a node is known by its place among the distinct values, of which there are few, so that all
that is made of a value is made once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from reasoner.corpus.engine import arrow
from reasoner.corpus.literals import date_of, day_number
from reasoner.corpus.schema import MOST_NODES, Property, part_name
from reasoner.corpus.vectors import Array, coded, found_in, np, places
from reasoner.errors import InputError, Problem


@dataclass(frozen=True)
class Stated:
    """What is stated with a property, row by row.

    Attributes:
        cases: the places of the cases.
        subjects: the numbers of the nodes.
        objects: the numbers of other nodes, or the places of values.
        values: the distinct values, of Python; None if the objects are nodes.
    """

    cases: Array
    subjects: Array
    objects: Array
    values: Sequence[Any] | None

    @cached_property
    def keys(self) -> Array:
        """For each row one number that tells its case and its subject."""
        return key_of(self.cases, self.subjects)

    @cached_property
    def days(self) -> Array:
        """The values as days since 1970, if they are dates."""
        assert self.values is not None
        return np.array([day_number(day) for day in self.values], dtype=np.int64)

    def given(self, make: Callable[[Any], Any]) -> Stated:
        """Give what a function makes of the values; rows of which it makes None are left out."""
        assert self.values is not None
        made = [make(value) for value in self.values]
        kept = np.array([m is not None for m in made], dtype=bool)[self.objects]
        return self._with(kept, made)

    def where(self, rows: Array) -> Stated:
        """Give some of the rows: those of which an array of booleans is true."""
        return self._with(rows, self.values)

    def _with(self, rows: Array, values: Sequence[Any] | None) -> Stated:
        return Stated(self.cases[rows], self.subjects[rows], self.objects[rows], values)


@dataclass(frozen=True)
class Nodes:
    """The nodes of the cases, row by row.

    Attributes:
        cases: the places of the cases.
        numbers: their numbers.
        forms: the place of each one's form among ``form_names``.
        kinds: the place of each one's concept among ``kind_names``, whose first is None.
        request_names: what the requests among them are called, of Arrow.
    """

    cases: Array
    numbers: Array
    forms: Array
    kinds: Array
    form_names: Sequence[str]
    kind_names: Sequence[str | None]
    request_names: Any

    def of_form(self, name: str) -> Array:
        """Tell which are of a form."""
        if name not in self.form_names:
            return np.zeros(len(self.cases), dtype=bool)
        found: Array = self.forms == self.form_names.index(name)
        return found


def key_of(cases: Array, nodes: Array) -> Array:
    """Give one number for a case's place and the number of a node of it."""
    return cases * MOST_NODES + nodes


class Facts:
    """Reads the tables of a chunk.

    Args:
        folder: the tables.
        parts: which parts of them.
        known: the properties, by name.
        only: the numbers of the cases that are taken; all, unless some are named.

    Attributes:
        cases: the numbers of the cases, in ascending order.
        identifiers, sources: of Arrow, what each case is called, and where it was read from.

    Raises:
        InputError: if a file is missing or damaged, or a row lacks a value.
    """

    def __init__(
        self,
        folder: Path,
        parts: Sequence[int],
        known: Mapping[str, Property],
        only: Collection[int] | None = None,
    ) -> None:
        self._folder = folder
        self._parts = parts
        self._known = known
        self._read: dict[str, Stated] = {}
        pa = arrow()
        read = list(self._columns("cases", ["case_no", "id", "source"]))
        numbers = _together([number for number, *_ in read])
        order = np.argsort(numbers, kind="stable")
        if only is not None:
            order = order[found_in(numbers[order], np.array(sorted(only), dtype=np.int64))]
        self.cases: Array = numbers[order]
        self.identifiers, self.sources = (
            pa.concat_arrays(
                [pa.array([], pa.string()), *(part[column].cast(pa.string()) for part in read)]
            ).take(pa.array(order))
            for column in (1, 2)
        )

    def of(self, name: str) -> Stated:
        """Give what is stated with a property.

        Raises:
            InputError: if a file is damaged, or names a node that no case can have.
        """
        if name not in self._read:
            self._read[name] = self._stated(self._known[name])
        return self._read[name]

    @cached_property
    def nodes(self) -> Nodes:
        """The nodes of the cases.

        Raises:
            InputError: if a file is damaged, or has a node that no case can have.
        """
        pa = arrow()
        cases, numbers, forms, kinds, names = [], [], [], [], []
        form_of, kind_of = _Words("request"), _Words(None)
        columns = self._columns("nodes", ["case_no", "node", "name", "form", "kind"])
        for case, node, name, form, kind in columns:
            at, kept = self._places(case)
            cases.append(at)
            numbers.append(node[kept])
            forms.append(form_of.places(form)[kept])
            kinds.append(kind_of.places(kind)[kept])
            requests = np.flatnonzero(forms[-1] == 0)
            if isinstance(kept, np.ndarray):
                requests = np.flatnonzero(kept)[requests]
            names.append(name.take(pa.array(requests)).cast(pa.string()))
        return Nodes(
            _together(cases), _together(numbers), _together(forms), _together(kinds),
            form_of.words, kind_of.words, pa.concat_arrays([pa.array([], pa.string()), *names]),
        )  # fmt: skip

    def _stated(self, property_: Property) -> Stated:
        cases, subjects, objects = [], [], []
        words = _Words()
        texts = property_.object in ("VARCHAR", "BOOLEAN") or property_.object.startswith("DECIMAL")
        table = f"facts/{property_.name}"
        for case, subject, object_ in self._columns(table, ["case_no", "subject", "object"]):
            at, kept = self._places(case)
            cases.append(at)
            subjects.append(subject[kept])
            objects.append((words.places(object_) if texts else object_)[kept])
        case, subject, found = _together(cases), _together(subjects), _together(objects)
        if property_.object == "INTEGER":
            return Stated(case, subject, found, None)
        if texts:
            return Stated(case, subject, found, words.words)
        numbers, at = coded(found)
        values = numbers.tolist()
        if property_.object == "DATE":
            values = [date_of(day) for day in values]
        return Stated(case, subject, at, values)

    def _places(self, numbers: Array) -> tuple[Array, Any]:
        """Give the places of cases, and which rows are of cases that are taken."""
        at, known = places(numbers, self.cases)
        return (at, slice(None)) if known.all() else (at[known], known)

    def _columns(self, table: str, names: Sequence[str]) -> Iterator[list[Any]]:
        """Read columns of a table, part by part.

        Numbers and days are arrays; texts, decimals and booleans are Arrow's, as a dictionary.
        """
        pa = arrow()
        for part in self._parts:
            path = self._folder / table / part_name(part)
            if not path.exists():
                continue
            try:
                file = pa.parquet.ParquetFile(path, read_dictionary=list(names))
                read = file.read(columns=list(names), use_threads=False)
            except (OSError, pa.ArrowException) as error:
                why = str(error).splitlines()[0]
                raise InputError([Problem(f"The file is damaged: {why}", str(path))]) from error
            _require_values(path, read)
            columns = [_array(read.column(name)) for name in names]
            for name, column in zip(names, columns, strict=True):
                self._require_nodes(path, name, column)
            yield columns

    def _require_nodes(self, path: Path, name: str, column: Any) -> None:
        """Stop if a column of nodes has a number that no node has."""
        is_node = name in ("node", "subject") or (
            name == "object" and self._known[path.parent.name].object == "INTEGER"
        )
        if is_node and len(column) and not 0 <= column.min() <= column.max() < MOST_NODES:
            row = int(np.flatnonzero((column < 0) | (column >= MOST_NODES))[0])
            raise InputError([Problem(f"row {row + 1:,}: No case has a node {column[row]}.",
                                      str(path), key=name)])  # fmt: skip


_OPTIONAL = ("kind", "source")
"""The columns that may be without a value."""


def _require_values(path: Path, read: Any) -> None:
    """Stop if a column lacks a value that a row is to have."""
    problems = []
    for name in read.column_names:
        column = read.column(name)
        if name not in _OPTIONAL and column.null_count:
            row = int(np.flatnonzero(column.is_null().to_numpy())[0])
            problems.append(Problem(f"row {row + 1:,}: There is no value.", str(path), key=name))
    if problems:
        raise InputError(problems)


def _array(column: Any) -> Any:
    """Give a column of numbers or days as an array, any other as Arrow's, as a dictionary."""
    pa = arrow()
    if pa.types.is_date(column.type):
        column = column.cast(pa.date32()).cast(pa.int32())
    if pa.types.is_integer(column.type):
        return column.to_numpy().astype(np.int64, copy=False)
    return column.combine_chunks().dictionary_encode()


class _Words:
    """Distinct values, each with a place, gathered part by part.

    Args:
        words: those that come first.
    """

    def __init__(self, *words: Any) -> None:
        self.words: list[Any] = list(words)
        self._places = {word: at for at, word in enumerate(words)}

    def places(self, column: Any) -> Array:
        """Give the places of the values of a column of Arrow's that is a dictionary."""
        pa = arrow()
        if isinstance(column, pa.ChunkedArray):  # of no chunk, where there is no row
            column = column.combine_chunks()
        own = []
        for word in column.dictionary.to_pylist():
            if word not in self._places:
                self._places[word] = len(self.words)
                self.words.append(word)
            own.append(self._places[word])
        codes = column.indices
        if codes.null_count:
            codes = codes.fill_null(len(own))
            own.append(self._places[None])
        found: Array = np.array(own, dtype=np.int64)[codes.to_numpy(zero_copy_only=False)]
        return found


def _together(arrays: Sequence[Array]) -> Array:
    return np.concatenate(arrays) if arrays else np.zeros(0, dtype=np.int64)
